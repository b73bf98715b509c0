"""Read the mailboxes that are connected by IMAP, as a process of its own."""

import threading
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.runtime.mail_reader import run_forever
from helpdesk.runtime.stopping import stop_on_signals


class Command(BaseCommand):
    """One works; any others stand by."""

    help = "Reads the mailboxes connected in the admin; of several, one works and the others stand by."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Read until told to stop."""
        stop = threading.Event()
        stop_on_signals(stop)
        run_forever(stop)
