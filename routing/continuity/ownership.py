"""Who answers a ticket that is nobody's has it: the customer who writes again meets the same person."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction

from routing.assigning import assignment
from routing.assigning.assignment import Why
from routing.errors import NotAssignable
from routing.models import Agent, Decision
from routing.queries.sql import rows
from tickets.actor import Actor
from tickets.models import Ticket

LOOK_BACK = timedelta(days=1)

# The latest answer by a person in each ticket that is nobody's, unless it was given or given back since.
# While a reply can still be taken back, it counts for nothing, and neither does the one before it.
ANSWERED = """
SELECT t.id AS ticket, m.author_user_id AS person
FROM tickets_ticket t
CROSS JOIN LATERAL (
    SELECT author_user_id, created_at FROM tickets_message
    WHERE ticket_id = t.id AND kind = 'out' AND author_user_id IS NOT NULL AND NOT is_held
    ORDER BY seq DESC LIMIT 1
) m
JOIN routing_agent a ON a.user_id = m.author_user_id AND a.is_active
WHERE t.assignee_id IS NULL AND NOT t.is_spam AND t.merged_into_id IS NULL AND t.state <> 'closed'
  AND t.updated_at > %(since)s
  AND (%(tickets)s::bigint[] IS NULL OR t.id = ANY(%(tickets)s))
  AND NOT EXISTS (SELECT FROM tickets_outbound o WHERE o.ticket_id = t.id AND o.state = 'held')
  AND NOT EXISTS (
    SELECT FROM tickets_event e
    WHERE e.ticket_id = t.id AND e.kind LIKE 'assignment.%%' AND e.at >= m.created_at
  )
ORDER BY m.created_at DESC LIMIT 200
"""


def follow(now: datetime, ticket_ids: list[int] | None = None) -> int:
    """Give tickets that are nobody's to who answered them last; return how many.

    Somebody who may not work in the ticket's queue is left out.
    """
    given = 0
    for row in rows(ANSWERED, {"since": now - LOOK_BACK, "tickets": ticket_ids}):
        given += _give(row.ticket, row.person, now=now)
    return given


def _give(ticket_id: int, user_id: int, *, now: datetime) -> bool:
    agent = Agent.objects.select_related("user").get(user_id=user_id)
    why = Why(Decision.How.TAKEN, reason="answered", insist=True)
    with suppress(NotAssignable), transaction.atomic():
        nobodys = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id, assignee=None).first()
        if nobodys is not None:
            by = Actor.for_user(agent.user)
            return assignment.assign(nobodys, agent, by=by, now=now, why=why) is not None
    return False
