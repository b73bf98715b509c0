"""Run the SMTP listener until SIGTERM or SIGINT."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from tickets.channels.email.inbound.listener import run_forever


class Command(BaseCommand):
    help = "Listen for mail by SMTP (SMTP_BIND, SMTP_PORT)."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_forever(stop)
