"""Lift the database's guard over the event log for a while, as the removal of the demonstration must."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_GUARD = "ALTER TABLE tickets_event {} TRIGGER events_are_final"


@contextmanager
def lift_event_guard() -> Iterator[None]:
    """Let events be changed and deleted in the caller's transaction, as the role that owns the schema.

    Waits twenty seconds at most for others who use the log. A rollback restores the guard as well.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_GUARD.format("DISABLE"))
    yield
    with connection.cursor() as cursor:
        cursor.execute(_GUARD.format("ENABLE"))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
