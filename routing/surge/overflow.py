"""Overflow: a queue whose customers wait too long moves tickets to another, between two thresholds."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from routing.models import QueueRules, WorkItem
from routing.queries.conditions import THERE
from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Event, Ticket
from tickets.platform.sql import load_value
from tickets.queries.relations import ACCOUNTS, LIVE_MEMBERSHIPS, QUEUES

MOST_AT_ONCE = 20

OLDEST = f"""
SELECT coalesce(max(tickets_open_seconds(q.calendar_id, w.eligible_at, %(now)s)), 0)
FROM {QUEUES} q JOIN routing_workitem w ON w.queue_id = q.id AND w.state = 'waiting'
WHERE q.id = %(queue)s
"""  # noqa: S608  (the pieces are constants)

# An agent counts as free if they are at the desk and have capacity left for a ticket.
FREE = f"""
SELECT count(*) FROM routing_agent a
JOIN {ACCOUNTS} u ON u.id = a.user_id
JOIN routing_presence p ON p.agent_id = a.id
JOIN {LIVE_MEMBERSHIPS} m ON m.user_id = a.user_id AND m.queue_id = %(queue)s AND m.role = 'agent'
WHERE {THERE} AND p.status IN ('available', 'focus') AND a.places > (
    SELECT count(*) FROM routing_workitem w
    WHERE w.agent_id = a.id AND w.state = 'taken' AND w.kind NOT IN ('chat', 'callback'))
"""  # noqa: S608  (the pieces are constants)


def update_overflow(now: datetime) -> int:
    """Start, stop and run the overflow of each queue that has one; return how many tickets moved."""
    moved = 0
    for rules in QueueRules.objects.filter(overflow_to__is_active=True).select_related(
        "queue", "overflow_to"
    ):
        with transaction.atomic():
            locked = QueueRules.objects.select_for_update(skip_locked=True, of=("self",))
            if locked.filter(pk=rules.pk).first() is not None:
                moved += _look(rules, now=now)
    return moved


def _look(rules: QueueRules, *, now: datetime) -> int:
    oldest = load_value(float, OLDEST, {"queue": rules.queue_id, "now": now})
    is_on = rules.overflow_since is not None
    if not is_on and oldest >= 60 * rules.overflow_from_minutes:
        is_on = _switch(rules, now, now=now)
    elif is_on and oldest < 60 * rules.overflow_until_minutes:
        is_on = _switch(rules, None, now=now)
    return _move(rules, now=now) if is_on else 0


def _switch(rules: QueueRules, since: datetime | None, *, now: datetime) -> bool:
    QueueRules.objects.filter(pk=rules.pk).update(overflow_since=since)
    data = {"to_queue": rules.overflow_to_id, "is_on": since is not None}
    events.record("overflow.changed", by=SYSTEM, at=now, queue_id=rules.queue_id, data=data)
    return since is not None


def _move(rules: QueueRules, *, now: datetime) -> int:
    """Move the longest waiting tickets, one for each free agent there, except those that came from there."""
    free = load_value(int, FREE, {"queue": rules.overflow_to_id, "now": now})
    items = (
        WorkItem.objects.waiting()
        .filter(queue_id=rules.queue_id, kind__in=WorkItem.TURNS)
        .filter(Q(hold_until=None) | Q(hold_until__lte=now))
        .exclude(ticket__in=_came_from(rules))
    )
    moved = 0
    for item in items.order_by("eligible_at")[: min(free, MOST_AT_ONCE)]:
        locked = Ticket.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=item.ticket_id)
        ticket = locked.filter(queue_id=rules.queue_id).first()
        if ticket is not None and rules.overflow_to is not None and rules.overflow_to.is_active:
            moved += bool(ticket.move_to(rules.overflow_to, by=SYSTEM, now=now))
    return moved


def _came_from(rules: QueueRules) -> list[int]:
    """Return the tickets that came from the other queue: they must not move back and forth."""
    waiting = WorkItem.objects.waiting().filter(queue_id=rules.queue_id).values("ticket_id")
    arrivals = Event.objects.filter(
        kind="queue.entered", ticket__in=waiting, data__from_queue=rules.overflow_to_id
    )
    return list(arrivals.values_list("ticket_id", flat=True))
