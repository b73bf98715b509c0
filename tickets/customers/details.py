"""What each queue notes about a customer: notes, place and time zone, invisible to other queues."""

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
    """Return the details that the actor's queues noted about any customer, the latest first."""
    rows = CustomerDetails.objects.order_by("-updated_at", "-pk")
    if actor.is_administrator:
        return rows
    return rows.filter(queue__in=Queue.objects.visible_to(actor)) if actor.is_user else rows.none()


def merge_details(rows: list[CustomerDetails]) -> dict[str, str]:
    """Return for each field in FIELDS the first value that is not empty, in the order of `rows`."""
    return {name: next((value for row in rows if (value := getattr(row, name))), "") for name in FIELDS}


def save_details(
    customer: Customer, queue: Queue, fields: dict[str, str], *, by: Actor, now: datetime
) -> bool:
    """Save details of a customer for one queue; return whether anything changed.

    `fields` contains any of notes, place and time_zone. The row is locked, so that two people who save at the
    same time do not record the same change twice.
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
    """Return the queue for which to save what `actor` notes about a customer.

    It is the queue of the newest ticket that they may see, else the first of their queues.

    Raises:
        NotFound: the actor works in no queue.
    """
    newest = Ticket.objects.visible_to(actor).filter(customer=customer).order_by("-created_at")
    ticket = newest.select_related("queue").first()
    queue = ticket.queue if ticket else Queue.objects.visible_to(actor).order_by("position", "pk").first()
    if queue is None:
        raise NotFound
    return queue
