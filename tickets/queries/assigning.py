"""Assign many tickets in one SQL statement, for the router."""

from __future__ import annotations

from tickets.models import Ticket


def build_assignment_update(source: str, returning: str) -> str:
    """Return an UPDATE that assigns tickets to users, as the last part of a statement.

    - `source`: the name of a relation with `ticket_id` and `user_id` (the account); its alias is `k`.
    - `returning`: columns of `k` to return. After them come `ticket`, `queue`, `person` (the new assignee),
      `before` (the earlier assignee) and `was` (the earlier state).

    The statement needs the parameter `%(now)s`. A new ticket becomes open. The caller must have locked the
    tickets, and records the events.
    """
    return f"""UPDATE {Ticket._meta.db_table} t
SET assignee_id = k.user_id, state = CASE t.state WHEN 'new' THEN 'open' ELSE t.state END,
    updated_at = %(now)s, version = t.version + 1
FROM {source} k WHERE t.id = k.ticket_id
RETURNING {returning}, t.id AS ticket, t.queue_id AS queue, k.user_id AS person,
          old.assignee_id AS before, old.state AS was"""  # noqa: S608  (names of our own tables)
