"""On call: urgent work without an available agent alerts the agent on call and the supervisors."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from routing.models import Alert, OnCall, WorkItem
from routing.queries.conditions import THERE, member_of
from routing.surge import alerts
from routing.workforce import notices
from tickets.platform.sql import load_column
from tickets.queries.relations import ACCOUNTS, TICKETS

URGENT = 3  # the highest priority of a ticket

UNREACHED = f"""
SELECT w.id FROM routing_workitem w JOIN {TICKETS} t ON t.id = w.ticket_id
WHERE w.state = 'waiting' AND t.priority >= %(urgent)s
  AND NOT EXISTS (SELECT FROM routing_alert l WHERE l.item_id = w.id AND l.kind = 'nobody')
  AND NOT EXISTS (
    SELECT FROM routing_agent a
    JOIN {ACCOUNTS} u ON u.id = a.user_id
    JOIN routing_presence p ON p.agent_id = a.id
    WHERE {THERE} AND {member_of("w.queue_id")})
ORDER BY w.eligible_at LIMIT 50
"""  # noqa: S608  (the pieces are constants)


def raise_unreached_alerts(now: datetime) -> int:
    """Raise an alert for each urgent item without an agent there, close outdated ones; return how many."""
    item_ids = load_column(int, UNREACHED, {"urgent": URGENT, "now": now})
    items = WorkItem.objects.filter(pk__in=item_ids).select_related("ticket", "queue")
    raised = alerts.raise_for_items(items, Alert.Kind.NOBODY, now=now)
    for alert in raised:
        notify_on_call(alert, now=now)
    return len(raised) + alerts.settle_outdated_alerts(now)


def notify_on_call(alert: Alert, *, now: datetime) -> bool:
    """Mail the agent on call for the alert's queue; return whether there is one."""
    duty = OnCall.objects.filter(queue_id=alert.queue_id, during__contains=now)
    person = duty.select_related("agent__user").first()
    if person is None or alert.item is None:
        return False
    user, number = person.agent.user, alert.item.ticket_id
    queue, address = alert.queue.label(user.language), reverse("desk:ticket", args=[number])
    notices.notify(user, "on_call", address, now=now, queue=queue, number=number)
    return True
