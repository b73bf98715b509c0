"""Start everything on this machine for developers."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.runtime.dev import serve


class Command(BaseCommand):
    """`make dev`: debug on; what is changed in code and templates is seen without a new start by hand."""

    help = "Starts everything with debug on, and again after each change of the code (make dev)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port from the command line or from PORT."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *, port: int, **options: Any) -> None:
        """Serve until told to stop."""
        serve(port, sys.stdout)
