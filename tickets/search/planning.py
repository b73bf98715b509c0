"""Control how PostgreSQL plans a search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from tickets.models.message import WITHDRAWN

# A ticket's own messages are few: they are read by the ticket's number, then looked through. OFFSET 0 stands
# between the two, for the planner takes every word for a rare one, and would fetch all messages that have it,
# anew for each ticket.
HAS_MESSAGE = f"""EXISTS (
    SELECT FROM (
        SELECT m.search FROM tickets_message m WHERE m.ticket_id = {{ticket}} AND NOT {WITHDRAWN} OFFSET 0
    ) own WHERE own.search @@ {{query}}
)"""  # noqa: S608  (a constant)


def has_message(ticket: str, query: str) -> str:
    """Return the SQL condition that a ticket has a message that matches; both are expressions in SQL."""
    return HAS_MESSAGE.format(ticket=ticket, query=query)


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
