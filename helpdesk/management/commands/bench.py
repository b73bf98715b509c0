"""Measure Tandem on this machine."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.bench import email, pages, route, routing

NAMES = ("pages", "route", "routing", "email")
TICKETS = "1000,10000,100000"
SIZES = {"routing": "200"}


class Command(BaseCommand):
    help = "Run a benchmark on a scratch database; figures are ratios within one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default="pages", choices=NAMES)
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
        parser.add_argument(
            "--sizes", help="numbers of tickets: 1000,10000,100000 (email: the second; routing: seats, 200)"
        )
        parser.add_argument("--times", type=int, help="repetitions of each operation: 60 (routing: days, 10)")
        parser.add_argument("--keep", type=Path, help="routing: a file for finished days, to go on from")

    def handle(self, *args: Any, name: str, as_json: bool, sizes: str | None, **options: Any) -> None:
        settings.BELLS_SILENT = True
        try:
            numbers = [int(size) for size in (sizes or SIZES.get(name, TICKETS)).split(",")]
        except ValueError as error:
            raise CommandError("Give the sizes as numbers with commas: 1000,10000") from error
        figures = _run(name, numbers, options, lambda text: print(text, file=sys.stderr, flush=True))
        self.stdout.write(json.dumps(figures, indent=None if as_json else 2))


def _run(name: str, sizes: list[int], options: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    times = options["times"]
    if name == "route":
        return route.measure_route(say=say)
    if name == "routing":
        return routing.measure_routing(
            days=min(times or 10, 10), seats=sizes[0], keep=options["keep"], say=say
        )
    if name == "email":
        return email.measure_email(tickets=sizes[:2][-1], say=say)
    return pages.measure_pages(sizes=sizes, times=times or 60, say=say)
