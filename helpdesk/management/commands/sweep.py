"""Run the sweep as a process of its own."""

import threading
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.stopping import stop_on_signals
from helpdesk.sweep import run_forever


class Command(BaseCommand):
    """One works; any others stand by."""

    help = "Finds the work no bell has rung for, for ever; of several, one works and the others stand by."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Sweep until told to stop."""
        stop = threading.Event()
        stop_on_signals(stop)
        run_forever(stop)
