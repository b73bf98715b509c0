"""Receive one mail from standard input, for an MTA's pipe. It exits 0 only after the mail is stored."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.intake import receive
from tickets.models import Inbound
from tickets.models.channels.company_mailboxes import find_open_mailboxes, load_open_mailboxes

EX_USAGE, EX_NOUSER, EX_TEMPFAIL = 64, 67, 75
STATUS = {
    Inbound.State.OPENED: "opened",
    Inbound.State.ATTACHED: "attached",
    Inbound.State.PENDING: "pending",
    Inbound.State.KEPT: "kept",
    Inbound.State.IGNORED: "ignored",
    Inbound.State.QUARANTINED: "quarantined",
    Inbound.State.STORED: "stored",
    Inbound.State.FAILED: "stored",
}


class Command(BaseCommand):
    help = "Receive one mail from standard input. Exits 0 once it is stored, 75 when it could not be."
    requires_system_checks = []  # the mail must be stored even if a check would fail

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", default="", help="the mailbox address it came for (else its headers tell)"
        )

    def handle(self, *args: Any, to: str = "", **options: Any) -> None:
        raw = sys.stdin.buffer.read()
        try:
            row, is_new = mailroom.accept(raw, recipients=_recipients(to, raw), now=database_now())
        except LookupError as error:
            self.stderr.write(f"{error} Create it in the admin under Channels, or correct --to.")
            sys.exit(EX_NOUSER)
        except Exception as error:  # noqa: BLE001  (whatever went wrong, the mail is still the MTA's)
            self.stderr.write(f"Could not store the mail ({type(error).__name__}); try again later.")
            sys.exit(EX_TEMPFAIL)
        self.stdout.write(json.dumps(_answer(row, is_new=is_new), ensure_ascii=False))


def _recipients(to: str, raw: bytes) -> list[str]:
    """Return the recipients of a mail: `--to`, else those in its headers, else the oldest open mailbox."""
    if to:
        return [to]
    named = mailroom.read_recipients(raw)
    if find_open_mailboxes(named):
        return named
    return [mailbox.address for mailbox in load_open_mailboxes()[:1]]


def _answer(row: Inbound, *, is_new: bool) -> dict[str, Any]:
    """Process the stored mail and return its outcome for the output; if that fails, it stays stored."""
    try:
        outcome = receive.process(row.pk, now=database_now())
    except Exception as error:  # noqa: BLE001  (it is stored, and the sweep processes it later)
        return {
            "status": "stored",
            "ticket": None,
            "message": None,
            "why": f"{type(error).__name__}: {error}",
        }
    return {
        "status": STATUS[Inbound.State(outcome.state)] if is_new else "duplicate",
        "ticket": outcome.ticket.pk if outcome.ticket else None,
        "message": outcome.message.pk if outcome.message else None,
        "why": outcome.why,
    }
