"""The mail reader as a process of this installation: it gives a sign of life while it works or stands by."""

import threading

from helpdesk.models import Heartbeat
from tickets.channels.email.imap import reader
from tickets.clock import database_now


def run_forever(stop: threading.Event) -> None:
    """Read the connected mailboxes until `stop` is set."""
    reader.read_forever(stop, alive=lambda: Heartbeat.record("imap", now=database_now()))
