"""Every lock there is: PostgreSQL's advisory locks by number, and the order in which rows are locked.

Numbers are neither changed nor used again: during a release old and new processes run side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

import psycopg
from django.db import connection, connections


class Lock(IntEnum):
    """What one process does at a time, in all processes on all machines."""

    PREPARE_DATABASE = 7_402_001  # migrations: two machines that start together would both create tables
    SWEEP = 7_402_002  # one sweep; the others stand by, and one of them goes on when it dies
    FACTS = 7_402_003  # one writer of facts: two would delete and insert the rows of the same ticket
    FIRST_ACCOUNT = 7_402_004  # setting up: two visitors of an empty installation must not both be first
    MAIL_READER = 7_402_005  # one reader of mailboxes: two would fetch and move the same mails
    AUDIT_SEAL = 7_402_006  # each seal is chained to the one before; two at once would share a predecessor
    WALLBOARD = 7_402_007  # one process takes the picture, the others show the last one
    ROUTING = 7_402_101  # one pass of the router in a shard (its number is the second key; 0: tidying up)


class KeyedLock(IntEnum):
    """What one process does at a time with one thing, named by a text; the number keeps the kinds apart."""

    TURN = 0  # turns in a queue at sign-in: two must not be given the same moment
    SENDER = 7  # somebody new: two mails of theirs must not make two customers
    CALL = 8  # news of a call: each piece is added to what the others have noted
    MAIL = 11  # a mail that came to two mailboxes: only one of them may be first


# The order in which one transaction locks rows of several tables; rows of one table go by their primary key.
# Who locks in another order may wait for somebody who waits for them: PostgreSQL then ends one of the two.
# SKIP LOCKED never waits and is free of it: the router locks people first and then what is free, whoever goes
# offline is locked before the items that were offered to them, and plans of surges, rules of overflow and
# offers whose time is over are taken so.
ROW_ORDER = {
    "Calendar": "opening hours are changed as a whole, with their version",
    "Surge": "answers of volunteers are counted under it",
    "Slot": "its seats are counted under it",
    "Queue": "the first request by API makes the queue's channel",
    "Customer": "one survey of a customer at a time, over all their tickets",
    "CustomerDetails": "changes of one card are noted one after the other",
    "ChatSession": "what a visitor does in a chat, one thing after the other",
    "Inbound": "a thing that was received is taken in once",
    "Ticket": "numbers of messages, clocks and the assignee; nearly every verb begins here",
    "Outbound": "a reply is taken back or sent, never both",
    "WorkItem": "given to one person",
    "Presence": "capacity is counted under it, so that two cannot fill the last place",
    "Relationship": "who knows whom is counted again as a whole",
    "RelationshipMark": "one process counts relationships again",
    "Watermark": "how far facts are derived",
}


def acquire_lock(lock: Lock) -> None:
    """Wait for `lock`; it is held until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(%s)", int(lock))


def acquire_keyed_lock(lock: KeyedLock, key: str) -> None:
    """Wait for the one thing of this kind that `key` names; it is held until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", key, int(lock))


def try_lock(lock: Lock) -> bool:
    """Take `lock` until the transaction ends, unless another process has it; return whether it is ours."""
    return bool(_execute("SELECT pg_try_advisory_xact_lock(%s)", int(lock)))


def try_session_lock(lock: Lock, own: psycopg.Connection) -> bool:
    """Take `lock` for as long as the psycopg connection `own` lives; return whether it is ours."""
    row = own.execute("SELECT pg_try_advisory_lock(%s)", [int(lock)]).fetchone()
    return bool(row and row[0])


def open_own_connection(name: str) -> psycopg.Connection:
    """Connect as the application `name`, outside of Django's pool: a lock lives as long as its connection."""
    parameters = connections["default"].get_connection_params()
    for option in ("pool", "cursor_factory", "context"):
        parameters.pop(option, None)
    return psycopg.connect(**parameters, autocommit=True, application_name=name)


@contextmanager
def hold_lock(lock: Lock) -> Iterator[None]:
    """Hold `lock` over several transactions of this connection."""
    _execute("SELECT pg_advisory_lock(%s)", int(lock))
    try:
        yield
    finally:
        _execute("SELECT pg_advisory_unlock(%s)", int(lock))


def _execute(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
