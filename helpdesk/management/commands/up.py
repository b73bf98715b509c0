"""Start everything on this machine."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.embedded.up import serve


class Command(BaseCommand):
    """`make run` in one process beside PostgreSQL."""

    help = "Starts everything on this machine: pages, websockets, worker, beat, sweep and mail (make run)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port from the command line or from PORT."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *, port: int, **options: Any) -> None:
        """Serve until told to stop."""
        serve(port, sys.stdout)
