"""Start the distributed processes on this machine."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.runtime.stack import serve


class Command(BaseCommand):
    """`make stack`: what docker-compose.yml describes, without containers."""

    help = "Starts the distributed processes on this machine, with Redis and nginx (make stack)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port from the command line or from PORT."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *, port: int, **options: Any) -> None:
        """Serve until told to stop."""
        serve(port, sys.stdout)
