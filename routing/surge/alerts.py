"""Alerts to supervisors: raised once, told on the desk and by mail, gone by themselves or seen to."""

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


def raise_for(items: Iterable[WorkItem], kind: str, *, now: datetime) -> list[Alert]:
    """Raise an alert for each item that has none of this kind yet; return the new ones."""
    wanted = [Alert(kind=kind, queue_id=item.queue_id, item=item, at=now) for item in items]
    return _raise(wanted, now=now) if wanted else []


def raise_for_queue(queue_id: int, kind: str, *, now: datetime) -> list[Alert]:
    """Raise an alert about a queue as a whole, unless one stands."""
    return _raise([Alert(kind=kind, queue_id=queue_id, at=now)], now=now)


def settle(alert: Alert, *, by: Actor, now: datetime) -> bool:
    """Note that a supervisor has seen to it; return whether that was news."""
    with transaction.atomic():
        standing = Alert.objects.standing().filter(pk=alert.pk)
        if not standing.update(settled_at=now, settled_by_id=by.user_id):
            return False
        data = {"alert": alert.pk, "kind": alert.kind, "user": by.user_id}
        events.record("alert.settled", by=by, at=now, queue_id=alert.queue_id, data=data)
    return True


def settle_gone(now: datetime) -> int:
    """Settle alerts whose item no longer waits for a person; return how many."""
    gone = Alert.objects.standing().filter(item__state__in=(WorkItem.State.TAKEN, WorkItem.State.CLOSED))
    return gone.update(settled_at=now)


def settle_queue(queue_id: int, kind: str, *, now: datetime) -> int:
    """Settle a queue's alert of a kind: its reason has gone."""
    return Alert.objects.standing().filter(queue_id=queue_id, kind=kind, item=None).update(settled_at=now)


def _raise(wanted: Sequence[Alert], *, now: datetime) -> list[Alert]:
    made = []
    with transaction.atomic():
        for alert in wanted:
            present = Alert.objects.filter(kind=alert.kind, queue_id=alert.queue_id, item=alert.item)
            if present.filter(settled_at=None).exists():
                continue
            alert.save(force_insert=True)
            made.append(alert)
            _tell(alert, now=now)
    return made


def _tell(alert: Alert, *, now: datetime) -> None:
    """Write the event that rings the desks of the queue, and a mail to each supervisor."""
    ticket = alert.item.ticket if alert.item else None
    data = {"alert": alert.pk, "kind": alert.kind, "item": alert.item_id}
    events.record("alert.raised", ticket=ticket, by=SYSTEM, at=now, queue_id=alert.queue_id, data=data)
    address = reverse("desk:ticket", args=[ticket.pk]) if ticket else reverse("routing:roster")
    for user in supervisors(alert.queue_id, now=now):
        queue, number = alert.queue.label(user.language), ticket.pk if ticket else None
        notices.notify(user, alert.kind, address, now=now, queue=queue, number=number)


def supervisors(queue_id: int, *, now: datetime) -> list[Any]:
    """Return who supervises a queue."""
    live = QueueMembership.objects.live(now).filter(queue_id=queue_id, role=QueueMembership.Role.SUPERVISOR)
    users = get_user_model()._default_manager
    return list(users.filter(pk__in=live.values("user_id"), is_active=True).order_by("pk"))
