"""Derive every fact from the event log again."""

from typing import Any

from django.core.management.base import BaseCommand

from metrics.facts import derive
from tickets.clock import database_now


class Command(BaseCommand):
    help = "Derive every fact behind the metrics from the event log, from nothing else."

    def handle(self, *args: Any, **options: Any) -> None:
        started = database_now()
        count = derive.rebuild_facts(now=started)
        seconds = (database_now() - started).total_seconds()
        self.stdout.write(f"{count} tickets in {seconds:.1f} s")
