"""Measure Tandem on this machine."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.bench import email, pages, route, routing

NAMES = ("pages", "route", "routing", "email")


class Command(BaseCommand):
    help = "Run a benchmark on a scratch database; figures are ratios within one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default="pages", choices=NAMES)
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
        parser.add_argument(
            "--sizes", default="1000,10000,100000", help="numbers of tickets (email: the second)"
        )
        parser.add_argument("--times", type=int, default=60, help="repetitions of each operation")

    def handle(self, *args: Any, name: str, as_json: bool, sizes: str, times: int, **options: Any) -> None:
        settings.BELLS_SILENT = True
        try:
            numbers = [int(size) for size in sizes.split(",")]
        except ValueError as error:
            raise CommandError("Give the sizes as numbers with commas: 1000,10000") from error
        figures = _run(name, numbers, times, lambda text: print(text, file=sys.stderr, flush=True))
        self.stdout.write(json.dumps(figures, indent=None if as_json else 2))


def _run(name: str, sizes: list[int], times: int, say: Callable[[str], None]) -> dict[str, Any]:
    if name == "route":
        return route.run(say=say)
    if name == "routing":
        return routing.run(say=say)
    if name == "email":
        return email.run(tickets=sizes[:2][-1], say=say)
    return pages.run(sizes=sizes, times=times, say=say)
