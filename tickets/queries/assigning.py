"""Assign many tickets in one statement, as the router does: what an assignment changes in a ticket."""

from __future__ import annotations

from tickets.models import Ticket


def build_assignment_update(source: str, returning: str) -> str:
    """Return the UPDATE that gives tickets to people, to end a statement with; `t` is the ticket.

    `source` names a relation with `ticket_id` and the account's `user_id`; it is called `k`, and `returning`
    says what of it comes back, followed by ticket, queue, person (the account), before (the account) and was
    (the state). The statement knows the moment `%(now)s`. A new ticket becomes open. Who runs it has locked
    the tickets, and records the events.
    """
    return f"""UPDATE {Ticket._meta.db_table} t
SET assignee_id = k.user_id, state = CASE t.state WHEN 'new' THEN 'open' ELSE t.state END,
    updated_at = %(now)s, version = t.version + 1
FROM {source} k WHERE t.id = k.ticket_id
RETURNING {returning}, t.id AS ticket, t.queue_id AS queue, k.user_id AS person,
          old.assignee_id AS before, old.state AS was"""  # noqa: S608  (names of our own tables)
