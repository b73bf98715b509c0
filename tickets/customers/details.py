"""What each queue knows of a customer: notes, place and time zone, kept apart from other queues."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tickets import events
from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.models import Customer, CustomerDetails, Queue, Ticket

FIELDS = ("notes", "place", "time_zone")


def load_visible_details(actor: Actor) -> QuerySet[CustomerDetails]:
    """Return what the actor's queues noted about anybody, the latest first."""
    rows = CustomerDetails.objects.order_by("-updated_at", "-pk")
    if actor.is_administrator:
        return rows
    return rows.filter(queue__in=Queue.objects.visible_to(actor)) if actor.is_user else rows.none()


def merge_details(rows: list[CustomerDetails]) -> dict[str, str]:
    """Return one value a field: the first that is not empty, in the order of `rows`."""
    return {name: next((value for row in rows if (value := getattr(row, name))), "") for name in FIELDS}


def save_details(
    customer: Customer, queue: Queue, fields: dict[str, str], *, by: Actor, now: datetime
) -> bool:
    """Write what the agents of one queue learnt about a customer; return whether anything changed.

    `fields` has any of notes, place and time_zone.
    """
    clean = {name: value.replace("\x00", "").strip() for name, value in fields.items() if name in FIELDS}
    with transaction.atomic():
        row = CustomerDetails.objects.select_for_update().filter(customer=customer, queue=queue).first()
        row = row or CustomerDetails(customer=customer, queue=queue)
        changed = sorted(name for name, value in clean.items() if getattr(row, name) != value)
        if not changed:
            return False
        for name in changed:
            setattr(row, name, clean[name])
        row.updated_at = now
        row.save()
        data: dict[str, Any] = {"customer": customer.pk, "fields": changed}
        events.record("customer.changed", by=by, at=now, queue_id=queue.pk, data=data)
    return True


def choose_queue(customer: Customer, actor: Actor) -> Queue:
    """Return the queue that keeps what `actor` notes: that of the customer's newest ticket they may see.

    Raises:
        NotFound: the actor works in no queue.
    """
    newest = Ticket.objects.visible_to(actor).filter(customer=customer).order_by("-created_at")
    ticket = newest.select_related("queue").first()
    queue = ticket.queue if ticket else Queue.objects.visible_to(actor).order_by("position", "pk").first()
    if queue is None:
        raise NotFound
    return queue
