"""A program that reads a mailbox and its ledger, and is killed (SIGKILL) at one step after another.

Argument: the mailbox's id. Each step runs in a child of its own that shares nothing but the database and the
mail server; the last one comes to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

django.setup()
settings.BELLS_SILENT = True

from tickets import events  # noqa: E402
from tickets.channels.email.imap import fetching, listing, reader  # noqa: E402
from tickets.channels.email.imap.connection import Client  # noqa: E402
from tickets.channels.email.inbound import mailroom  # noqa: E402
from tickets.clock import database_now  # noqa: E402
from tickets.intake import append, ledger, receive  # noqa: E402
from tickets.models import Inbound, Mailbox, MailSeen  # noqa: E402

# Where to kill: before or after the so-many-th call of a function. Between them lies every step of the way.
READING = (
    (listing, "_build_rows", "before", 1),  # the server has told its numbers
    (MailSeen.objects, "bulk_create", "after", 1),  # noted, not committed
    (fetching, "fetch_next_mails", "before", 1),  # noted
    (Client, "fetch", "after", 2),  # fetched, not kept
    (mailroom, "_unsaved", "before", 150),  # about to be written
    (ledger, "ring", "after", 320),  # written, not committed
    (mailroom, "accept_many", "after", 2),  # kept, not noted as kept
    (fetching, "_mark_kept", "after", 1),  # noted as kept
    (fetching, "tidy_folder", "before", 1),  # all kept, nothing moved on the server
    (Client, "move", "after", 1),  # moved on the server, not noted
)
INTAKE = (
    (receive, "_append_messages", "before", 20),  # read, nothing written
    (append, "open_ticket", "after", 60),  # the ticket is written, the row is not finished
    (events, "record_many", "after", 80),  # written in part, not committed
    (receive, "_append_messages", "after", 100),  # committed
)


def main(mailbox_id: int) -> None:
    for target, name, when, count in READING:
        _in_a_child(lambda: _read(mailbox_id), target, name, when, count)
    _in_a_child(lambda: _read(mailbox_id))
    for target, name, when, count in INTAKE:
        _in_a_child(_take_in, target, name, when, count)
    _in_a_child(_take_in)


def _read(mailbox_id: int) -> None:
    reader.read_mailbox(Mailbox.objects.select_related("channel").get(pk=mailbox_id))


def _take_in() -> None:
    while Inbound.objects.due(database_now()).exists():
        receive.process_due(now=database_now(), limit=200)


def _in_a_child(work: Callable[[], None], *kill: Any) -> None:
    """Run `work` in a child process; print how it ended."""
    child = os.fork()
    if child == 0:
        if kill:
            _arrange_a_kill(*kill)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    name = f"{kill[1]} {kill[2]}" if kill else "to the end"
    print(f"{name}: {'killed' if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)}", flush=True)


def _arrange_a_kill(target: Any, name: str, when: str, count: int) -> None:
    original, calls = getattr(target, name), [0]

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == count and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if calls[0] == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(target, name, counting)


if __name__ == "__main__":
    main(int(sys.argv[1]))
