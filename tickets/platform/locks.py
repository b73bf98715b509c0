"""All advisory locks of PostgreSQL by number, and the order in which rows of several tables are locked.

Never change or reuse a number: during a release, old and new processes run at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

import psycopg
from django.db import connection, connections


class Lock(IntEnum):
    """Locks for work that only one process on all machines may do at a time."""

    PREPARE_DATABASE = 7_402_001  # migrations: two machines that start together would both create tables
    SWEEP = 7_402_002  # one sweep runs; the other processes wait, and one takes over if it dies
    FACTS = 7_402_003  # one writer of facts: two would delete and insert the rows of the same ticket
    FIRST_ACCOUNT = 7_402_004  # setting up: two visitors must not both create the first account
    MAIL_READER = 7_402_005  # one reader of mailboxes: two would fetch and move the same mails
    AUDIT_SEAL = 7_402_006  # each seal is chained to the one before: two at once would share a predecessor
    WALLBOARD = 7_402_007  # one process computes the wallboard, the others show the last result
    ROUTING = 7_402_101  # one pass of the router in a shard (its number is the second key; 0: cleaning up)


class KeyedLock(IntEnum):
    """Locks on one object of a kind, named by a text; the number separates the kinds."""

    TURN = 0  # turns to sign in: two people must not get the same moment
    SENDER = 7  # an unknown phone number: two calls at once must not create two customers
    CALL = 8  # reports about one call: each is added to the record that the others wrote
    MAIL = 11  # a mail that arrived in two mailboxes: only one of them may process it first


# The order in which one transaction locks rows of several tables; rows of one table in the order of their
# primary keys. Two transactions that lock in different orders can deadlock; PostgreSQL aborts one of them.
# SKIP LOCKED never waits, so it may deviate from the order: the router locks agents first and then the items
# that nobody has locked; an agent who goes offline is locked before the items offered to them; plans of
# surges, rules of overflow and expired offers are locked in this way too.
ROW_ORDER = {
    "Calendar": "opening hours are changed as a whole, with their version",
    "Surge": "volunteers are counted while it is locked",
    "Slot": "its seats are counted while it is locked",
    "Queue": "the first request by API creates the queue's channel",
    "Customer": "one survey of a customer at a time, over all their tickets",
    "CustomerDetails": "changes of one card are recorded one after the other",
    "ChatSession": "the actions of a visitor are processed one after the other",
    "Inbound": "a received item is processed once",
    "Ticket": "message numbers, clocks and the assignee; nearly every verb starts here",
    "Outbound": "a reply is withdrawn or sent, never both",
    "WorkItem": "assigned to one agent",
    "Presence": "capacity is counted while it is locked, so that two items cannot fill the last place",
    "Relationship": "relationships are recounted as a whole",
    "RelationshipMark": "one process recounts relationships",
    "Watermark": "the last event from which facts were derived",
}


def acquire_lock(lock: Lock) -> None:
    """Wait for `lock` and hold it until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(%s)", int(lock))


def acquire_keyed_lock(lock: KeyedLock, key: str) -> None:
    """Wait for the lock on the object named by `key` and hold it until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", key, int(lock))


def try_lock(lock: Lock) -> bool:
    """Try to get `lock` until the transaction ends, without waiting; return whether we hold it."""
    return bool(_execute("SELECT pg_try_advisory_xact_lock(%s)", int(lock)))


def try_session_lock(lock: Lock, own: psycopg.Connection) -> bool:
    """Try to get `lock` until the connection `own` closes, without waiting; return whether we hold it."""
    row = own.execute("SELECT pg_try_advisory_lock(%s)", [int(lock)]).fetchone()
    return bool(row and row[0])


def open_own_connection(name: str) -> psycopg.Connection:
    """Return a new connection outside of Django's pool, with `name` as application name.

    A session lock lasts as long as its connection, so the pool must not close or share it.
    """
    parameters = connections["default"].get_connection_params()
    for option in ("pool", "cursor_factory", "context"):
        parameters.pop(option, None)
    return psycopg.connect(**parameters, autocommit=True, application_name=name)


@contextmanager
def hold_lock(lock: Lock) -> Iterator[None]:
    """Wait for `lock` and hold it inside the `with` block, over several transactions."""
    _execute("SELECT pg_advisory_lock(%s)", int(lock))
    try:
        yield
    finally:
        _execute("SELECT pg_advisory_unlock(%s)", int(lock))


def _execute(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
