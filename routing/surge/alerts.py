"""Alerts to supervisors: raised once, shown on the desk and mailed, closed by themselves or by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse

from routing.models import Alert, WorkItem
from routing.workforce import notices
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import QueueMembership


def raise_for_items(items: Iterable[WorkItem], kind: str, *, now: datetime) -> list[Alert]:
    """Raise an alert of a kind for each item without an open one; return the new alerts."""
    new_alerts = [Alert(kind=kind, queue_id=item.queue_id, item=item, at=now) for item in items]
    return _raise(new_alerts, now=now) if new_alerts else []


def raise_for_queue(queue_id: int, kind: str, *, now: datetime) -> list[Alert]:
    """Raise an alert about a whole queue, unless one is open; return the new alerts."""
    return _raise([Alert(kind=kind, queue_id=queue_id, at=now)], now=now)


def settle_alert(alert: Alert, *, by: Actor, now: datetime) -> bool:
    """Mark an alert as handled by a supervisor; return whether it was open."""
    with transaction.atomic():
        standing = Alert.objects.standing().filter(pk=alert.pk)
        if not standing.update(settled_at=now, settled_by_id=by.user_id):
            return False
        data = {"alert": alert.pk, "kind": alert.kind, "user": by.user_id}
        events.record("alert.settled", by=by, at=now, queue_id=alert.queue_id, data=data)
    return True


def settle_outdated_alerts(now: datetime) -> int:
    """Close the alerts whose item no longer waits for an agent; return how many."""
    outdated = Alert.objects.standing().filter(item__state__in=(WorkItem.State.TAKEN, WorkItem.State.CLOSED))
    return outdated.update(settled_at=now)


def settle_queue_alert(queue_id: int, kind: str, *, now: datetime) -> int:
    """Close a queue's alert of a kind because its reason no longer exists; return how many."""
    return Alert.objects.standing().filter(queue_id=queue_id, kind=kind, item=None).update(settled_at=now)


def _raise(candidates: Sequence[Alert], *, now: datetime) -> list[Alert]:
    raised = []
    with transaction.atomic():
        for alert in candidates:
            present = Alert.objects.filter(kind=alert.kind, queue_id=alert.queue_id, item=alert.item)
            if present.filter(settled_at=None).exists():
                continue
            alert.save(force_insert=True)
            raised.append(alert)
            _tell(alert, now=now)
    return raised


def _tell(alert: Alert, *, now: datetime) -> None:
    """Write the event that rings the desks of the queue, and a mail to each supervisor."""
    ticket = alert.item.ticket if alert.item else None
    data = {"alert": alert.pk, "kind": alert.kind, "item": alert.item_id}
    events.record("alert.raised", ticket=ticket, by=SYSTEM, at=now, queue_id=alert.queue_id, data=data)
    address = reverse("desk:ticket", args=[ticket.pk]) if ticket else reverse("routing:roster")
    for user in load_supervisors(alert.queue_id, now=now):
        queue, number = alert.queue.label(user.language), ticket.pk if ticket else None
        notices.notify(user, alert.kind, address, now=now, queue=queue, number=number)


def load_supervisors(queue_id: int, *, now: datetime) -> list[Any]:
    """Return the active accounts that supervise a queue, by id."""
    live = QueueMembership.objects.live(now).filter(queue_id=queue_id, role=QueueMembership.Role.SUPERVISOR)
    users = get_user_model()._default_manager
    return list(users.filter(pk__in=live.values("user_id"), is_active=True).order_by("pk"))
