"""Lift the database's guard of the event log for a while, to delete demonstration data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_GUARD = "ALTER TABLE tickets_event {} TRIGGER events_are_final"


@contextmanager
def lift_event_guard() -> Iterator[None]:
    """Allow changes and deletions of events inside the `with` block, in the caller's transaction.

    Only the database role that owns the schema can do this. ALTER TABLE needs an exclusive lock, so it waits
    up to 20 s for transactions that use the log. A rollback restores the guard too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_GUARD.format("DISABLE"))
    yield
    with connection.cursor() as cursor:
        cursor.execute(_GUARD.format("ENABLE"))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
