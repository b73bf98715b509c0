"""While you were away: what went on to others when a person's connection was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing.models import Agent, Decision, Presence
from tickets.models import Ticket

MOST = 20


@dataclass(frozen=True)
class WentOn:
    """A ticket that was unassigned while its agent was absent, and its present assignee."""

    ticket: Ticket
    at: datetime
    person: Any


def list_reassigned(agent: Agent) -> list[WentOn]:
    """Return the tickets reassigned since the agent's connection was lost, newest first, if it was lost."""
    since = Presence.objects.filter(pk=agent.pk, is_connected=True).values_list("lost_at", flat=True).first()
    if since is None:
        return []
    taken_back = Decision.objects.filter(agent=agent, how=Decision.How.RETURNED, at__gte=since)
    rows = taken_back.select_related("item__ticket__customer", "item__ticket__assignee").order_by("-pk")[
        :MOST
    ]
    newest = {row.item.ticket_id: row for row in reversed(rows)}
    return [
        WentOn(row.item.ticket, row.at, row.item.ticket.assignee)
        for row in reversed(newest.values())
        if row.item.ticket.assignee_id != agent.user_id
    ]


def mark_as_read(agent: Agent) -> bool:
    """Mark the list as read; return whether there was one."""
    return bool(Presence.objects.filter(pk=agent.pk, lost_at__isnull=False).update(lost_at=None))
