"""How the database plans a search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def plan_per_execution() -> Iterator[None]:
    """Have statements planned for their values each time, not prepared: where one plan does not suit all.

    A plan for any word, made after some common ones, reads a whole table for a rare one.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    session: Any = connection.connection
    usual, session.prepare_threshold = session.prepare_threshold, None
    try:
        yield
    finally:
        session.prepare_threshold = usual
