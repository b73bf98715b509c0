"""Live through invented days with the router's own engine, or as others route."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from routing.simulation import compare
from routing.simulation.workloads import WORKLOADS


class Command(BaseCommand):
    help = "Simulate a day of a scenario: waits, people who give up, continuity, fairness. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scenario", choices=sorted(WORKLOADS), help="W1 to W8, or real")
        parser.add_argument("--policy", default=compare.OURS, choices=compare.names())
        parser.add_argument("--seed", type=int, default=1, help="the day's number: the same, the same day")
        parser.add_argument("--seats", type=int, help="another size than the scenario's")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(
        self,
        *args: Any,
        scenario: str,
        policy: str,
        seed: int,
        seats: int | None,
        as_json: bool,
        **options: Any,
    ) -> None:
        workload = WORKLOADS[scenario].of_size(seats)
        if workload.seats > 2500:
            raise CommandError("Choose at most 2,500 seats: a router's shard is no larger.")
        told = compare.simulate(workload, policy, seed).as_data()
        body = {"scenario": scenario, "policy": policy, "seed": seed, "seats": workload.seats, **told}
        self.stdout.write(json.dumps(body, indent=None if as_json else 2))
