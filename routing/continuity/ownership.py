"""Who answers a ticket that is nobody's has it: the customer who writes again meets the same person."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from routing.assigning import assignment
from routing.assigning.assignment import Why
from routing.errors import NotAssignable
from routing.models import Agent, Decision
from tickets.actor import Actor
from tickets.models import Ticket
from tickets.platform.sql import load_rows
from tickets.queries.relations import EVENTS, HELD_MAIL, REPLIES, TICKETS

LOOK_BACK = timedelta(days=1)

# The latest answer by a person in each ticket that is nobody's, unless it was given or given back since.
# While a reply can still be taken back, it counts for nothing, and neither does the one before it.
ANSWERED = f"""
SELECT t.id AS ticket_id, m.user_id
FROM {TICKETS} t
CROSS JOIN LATERAL (
    SELECT user_id, created_at FROM {REPLIES} r
    WHERE ticket_id = t.id AND NOT is_held
    ORDER BY seq DESC LIMIT 1
) m
JOIN routing_agent a ON a.user_id = m.user_id AND a.is_active
WHERE t.assignee_id IS NULL AND NOT t.is_spam AND t.merged_into_id IS NULL AND t.state <> 'closed'
  AND t.updated_at > %(since)s
  AND (%(tickets)s::bigint[] IS NULL OR t.id = ANY(%(tickets)s))
  AND NOT EXISTS (SELECT FROM {HELD_MAIL} o WHERE o.ticket_id = t.id)
  AND NOT EXISTS (
    SELECT FROM {EVENTS} e
    WHERE e.ticket_id = t.id AND e.kind LIKE 'assignment.%%' AND e.at >= m.created_at
  )
ORDER BY m.created_at DESC LIMIT 200
"""  # noqa: S608  (the pieces are constants)


class Answered(NamedTuple):
    """An unassigned ticket, and the account that replied last."""

    ticket_id: int
    user_id: int


def assign_to_repliers(now: datetime, ticket_ids: list[int] | None = None) -> int:
    """Assign each unassigned ticket to the agent who replied last; return how many.

    Agents who may not work in the ticket's queue are skipped.
    """
    count = 0
    for row in load_rows(Answered, ANSWERED, {"since": now - LOOK_BACK, "tickets": ticket_ids}):
        count += _give(row.ticket_id, row.user_id, now=now)
    return count


def _give(ticket_id: int, user_id: int, *, now: datetime) -> bool:
    agent = Agent.objects.select_related("user").get(user_id=user_id)
    why = Why(Decision.How.TAKEN, reason="answered", insist=True)
    with suppress(NotAssignable), transaction.atomic():
        nobodys = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id, assignee=None).first()
        if nobodys is not None:
            by = Actor.for_user(agent.user)
            return assignment.assign(nobodys, agent, by=by, now=now, why=why) is not None
    return False
