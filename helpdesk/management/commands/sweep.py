"""Run the sweep as a process of its own, or once."""

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.runtime.stopping import stop_on_signals
from helpdesk.runtime.sweep import all_sweeps, run_forever, run_once
from tickets.clock import database_now


class Command(BaseCommand):
    """One works; any others stand by."""

    help = "Finds the work no bell has rung for, for ever; of several, one works and the others stand by."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Let somebody who does not want to wait have everything done now."""
        parser.add_argument(
            "--once",
            action="store_true",
            help="Do everything that is due now, then end; harmless at any time.",
        )

    def handle(self, *, once: bool, **options: Any) -> None:
        """Sweep until told to stop, or once."""
        if once:
            run_once(all_sweeps(), database_now())
            return
        stop = threading.Event()
        stop_on_signals(stop)
        run_forever(stop)
