"""Control how PostgreSQL plans a search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def plan_per_execution() -> Iterator[None]:
    """Disable prepared statements inside the `with` block, so that each execution is planned for its values.

    A prepared statement gets one plan for all values. Planned after common words, it reads a whole table for
    a rare one.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    session: Any = connection.connection
    threshold, session.prepare_threshold = session.prepare_threshold, None
    try:
        yield
    finally:
        session.prepare_threshold = threshold
