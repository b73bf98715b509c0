# ruff: noqa: S608  (every piece put into a statement is a constant of this package)
"""Return work from absent agents: chats soon, with a handover; mails before they are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from routing.models import Decision, Offer, WorkItem
from routing.queries.conditions import MAY_WORK, ON_LEAVE, THERE, member_of
from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Event, Handover, Ticket
from tickets.platform.sql import load_rows
from tickets.queries.relations import ACCOUNTS, QUEUES, SLA_POLICIES, TICKETS

# A mail of somebody absent goes on when this share of its target has passed, in open hours.
LATE_SHARE = 0.5

# Whether somebody is there is asked once for each person and queue, and not for each of their items.
ABSENT = f"""
WITH held AS (SELECT DISTINCT agent_id, queue_id FROM routing_workitem WHERE state = 'taken'),
absent AS MATERIALIZED (
    SELECT h.agent_id, h.queue_id, a.user_id,
           CASE WHEN NOT {MAY_WORK} THEN 'gone' WHEN NOT {member_of("h.queue_id")} THEN 'not_member'
                WHEN {ON_LEAVE} THEN 'on_leave' WHEN NOT {THERE} THEN 'not_there' END AS why
    FROM held h
    JOIN routing_agent a ON a.id = h.agent_id
    JOIN {ACCOUNTS} u ON u.id = a.user_id
    LEFT JOIN routing_presence p ON p.agent_id = a.id)
SELECT w.id, w.ticket_id, w.kind, w.agent_id, o.user_id, o.why
FROM absent o
JOIN routing_workitem w ON w.agent_id = o.agent_id AND w.queue_id = o.queue_id AND w.state = 'taken'
JOIN {TICKETS} t ON t.id = w.ticket_id
JOIN {QUEUES} q ON q.id = w.queue_id
LEFT JOIN {SLA_POLICIES} g ON g.queue_id = t.queue_id AND g.priority = t.priority
WHERE o.why IS NOT NULL AND (o.why <> 'not_there'
    OR w.kind IN ('chat', 'callback')
    OR tickets_open_seconds(q.calendar_id, w.eligible_at, %(now)s) >= %(share)s * coalesce(
        60 * CASE WHEN t.first_response_at IS NULL THEN g.first_response_minutes
                  ELSE g.next_response_minutes END, %(target)s))
ORDER BY w.ticket_id LIMIT 500
"""


class Absent(NamedTuple):
    """An item assigned to an absent agent, and why the agent counts as absent."""

    id: int
    ticket_id: int
    kind: str
    agent_id: int
    user_id: int
    why: str  # gone, not_member, on_leave or not_there


def return_work_of_absent_agents(now: datetime, *, target_seconds: float) -> int:
    """Return work assigned to agents who are offline, on leave or out of the queue; return how many items.

    `target_seconds` is the target of queues without an SLA policy. The caller must hold dispatch's lock.
    """
    with transaction.atomic():
        absent = load_rows(Absent, ABSENT, {"now": now, "share": LATE_SHARE, "target": target_seconds})
        for why in {item.why for item in absent}:
            return_tickets([item.ticket_id for item in absent if item.why == why], reason=why, now=now)
        chats = [item for item in absent if item.kind == WorkItem.Kind.CHAT]
        _hand_over(chats, now=now)
        ids = [item.id for item in absent]
        Offer.objects.filter(item__in=ids, state=Offer.State.ACCEPTED).update(
            state=Offer.State.RETURNED, answered_at=now
        )
        WorkItem.objects.filter(pk__in=ids, state=WorkItem.State.TAKEN).update(
            state=WorkItem.State.WAITING,
            owner=F("agent"),
            agent=None,
            given_at=None,
            version=F("version") + 1,
        )
        Decision.objects.bulk_create(
            Decision(item_id=i.id, how=Decision.How.RETURNED, agent_id=i.agent_id, reason=i.why, at=now)
            for i in absent
        )
    return len(absent)


def return_tickets(ticket_ids: Sequence[int], *, reason: str, now: datetime) -> int:
    """Unassign tickets whose agents are absent; each event names the reason. Return how many."""
    with transaction.atomic():
        tickets = list(
            Ticket.objects.select_for_update(of=("self",))
            .filter(pk__in=ticket_ids, assignee__isnull=False)
            .order_by("pk")
        )
        drafts = [_released(ticket, reason, now) for ticket in tickets]
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(
            assignee=None, updated_at=now, version=F("version") + 1
        )
        events.record_many(*drafts)
    return len(drafts)


def _released(ticket: Ticket, reason: str, now: datetime) -> Event:
    data = {"from_user": ticket.assignee_id, "to_user": None, "reason": reason}
    return events.build_event("assignment.released", ticket=ticket, by=SYSTEM, at=now, data=data)


def _hand_over(chats: Sequence[Absent], *, now: datetime) -> None:
    """Record a handover for each chat, so that the customer need not explain everything again."""
    tickets = Ticket.objects.in_bulk([chat.ticket_id for chat in chats])
    for chat in chats:
        ticket = tickets[chat.ticket_id]
        handover = Handover.objects.create(
            ticket=ticket, from_user_id=chat.user_id, to_queue_id=ticket.queue_id, at=now
        )
        data = {"from_user": chat.user_id, "to_user": None, "to_queue": ticket.queue_id, "is_warm": False,
                "handover": handover.pk}  # fmt: skip
        events.record("transfer", ticket=ticket, by=SYSTEM, at=now, cause="connection_lost", data=data)
