"""Live through invented or recorded days with the router's own engine, or as others route."""

import json
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from routing.models import Trial
from routing.simulation import compare, what_if
from routing.simulation.workloads import WORKLOADS
from routing.what_if import questions
from tickets.clock import database_now
from tickets.errors import DomainError
from tickets.models import Queue

RECORDED = "recorded"
LONGEST_SECONDS = 3600


class Command(BaseCommand):
    help = (
        "Simulate a day of a scenario, or recorded days again: waits, people who give up, continuity, "
        "fairness. Changes nothing."
    )
    requires_system_checks: list[str] = []  # an invented day is lived in memory: no database is looked at

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "scenario", choices=[*sorted(WORKLOADS), RECORDED], help="W1 to W8, real, or recorded"
        )
        parser.add_argument(
            "--policy",
            action="append",
            help="a way to route; recorded days take several, and versions by number",
        )
        parser.add_argument("--seed", type=int, default=1, help="the day's number: the same, the same day")
        parser.add_argument("--seats", type=int, help="another size than the scenario's")
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, help="first recorded day, YYYY-MM-DD"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last recorded day")
        parser.add_argument("--queue", action="append", default=[], help="a queue's short name; all if none")
        parser.add_argument("--more", help="another roster: 2@10:00-14:00, or -1@09:00-12:00 for one fewer")
        parser.add_argument("--repetitions", type=int, default=5)
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scenario"] == RECORDED:
            try:
                body = _recorded(options)
            except DomainError as error:
                raise CommandError(str(error.sentence)) from error
        else:
            body = _invented(options)
        self.stdout.write(json.dumps(body, indent=None if options["as_json"] else 2))


def _invented(options: dict[str, Any]) -> dict[str, Any]:
    name, *others = options["policy"] or [compare.OURS]
    if others or name not in compare.router_names():
        raise CommandError(f"Choose one policy of: {', '.join(compare.router_names())}.")
    workload = WORKLOADS[options["scenario"]].of_size(options["seats"])
    if workload.seats > 2500:
        raise CommandError("Choose at most 2,500 seats: a router's shard is no larger.")
    result = compare.simulate_day(workload, name, options["seed"]).as_data()
    head = {"scenario": options["scenario"], "policy": name, "seed": options["seed"]}
    return {**head, "seats": workload.seats, **result}


def _recorded(options: dict[str, Any]) -> dict[str, Any]:
    """Live through recorded days as they were and as asked; the same numbers as the page gives."""
    now = database_now()
    first = options["first"] or timezone.localdate(now) - timedelta(days=1)
    trial = Trial(first_day=first, last_day=options["last"] or first, asked_at=now)
    trial.queues = _queues(options["queue"])
    questions.check_days(trial.first_day, trial.last_day, timezone.localdate(now))
    zone = timezone.get_current_timezone_name()
    span = questions.span_days(trial.first_day, trial.last_day, zone, now)
    scope = questions.Scope(frozenset(trial.queues), frozenset(), *span)
    variants = questions.check_variants(
        [*_policies(options["policy"] or []), *_roster(options["more"])], scope, least=1
    )
    trial.question = {"zone": zone, "repetitions": options["repetitions"], "variants": variants}
    task, assumed = questions.build_task(trial)
    task["seconds"] = LONGEST_SECONDS
    result = what_if.run_variants(task, lambda _line: None)
    names = [" ".join(str(v) for k, v in variant.items() if k != "parameters") for variant in variants]
    days = {"from": str(trial.first_day), "to": str(trial.last_day)}
    return {**days, "assumed": assumed, "numbers": dict(zip(names, what_if.build_table(result), strict=True))}


def _queues(slugs: list[str]) -> list[int]:
    queue_ids = dict(Queue.objects.active().values_list("slug", "pk"))
    if unknown := [slug for slug in slugs if slug not in queue_ids]:
        raise CommandError(f"There is no queue “{unknown[0]}”. There are: {', '.join(sorted(queue_ids))}.")
    return [queue_ids[slug] for slug in slugs] or list(queue_ids.values())


def _policies(names: list[str]) -> list[dict[str, Any]]:
    """Return the variants behind names; ours in force is always there to compare with."""
    return [
        {"kind": "version", "version": int(name)} if name.isdecimal() else {"kind": "baseline", "name": name}
        for name in names
        if name != compare.OURS
    ]


def _roster(more: str | None) -> list[dict[str, Any]]:
    if not more:
        return []
    count, _at, hours = more.partition("@")
    starts, _dash, ends = hours.partition("-")
    try:
        for text in (starts, ends):
            datetime.strptime(text, "%H:%M")  # noqa: DTZ007
        return [{"kind": "people", "more": int(count), "from": starts, "until": ends}]
    except ValueError as error:
        raise CommandError("Say another roster as 2@10:00-14:00.") from error
