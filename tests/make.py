"""Rows for tests, by plain functions; `now` is always given or the cast's noon."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from tickets.channels.web.adapter import build_document
from tickets.intake import receive
from tickets.models import Channel, Customer, Identity, Message, Queue, QueueMembership, Ticket

PASSWORD = "lamp-ladder-cupboard"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def user(name: str, **fields: Any) -> Any:
    return get_user_model().objects.create_user(
        f"{name}@demo.example", PASSWORD, name=fields.pop("full_name", name.capitalize()), **fields
    )


def queue(slug: str, **fields: Any) -> Queue:
    return Queue.objects.create(slug=slug, name_en=slug.capitalize(), name_fr=slug.capitalize(), **fields)


def membership(person: Any, queue: Queue, role: str = "agent") -> QueueMembership:
    return QueueMembership.objects.create(user=person, queue=queue, role=role)


def channel(slug: str, queue: Queue, **fields: Any) -> Channel:
    return Channel.objects.create(slug=slug, name=f"{slug} of {queue.slug}", queue=queue, **fields)


def customer(name: str, email: str = "", *, phone: str = "", language: str = "en") -> Customer:
    person = Customer.objects.create(name=name, language=language, created_at=NOON)
    for kind, value in (("email", email), ("phone", phone)):
        if value:
            Identity.objects.create(
                customer=person,
                kind=kind,
                value=value,
                created_at=NOON,
                verified_at=NOON,
                verified_how="channel",
            )
    return person


_count = iter(range(1, 10**9))


def ticket(
    channel: Channel, person: Customer, text: str = "My lamp arrived broken.", *, now: datetime = NOON,
    subject: str = "Broken lamp",
) -> Ticket:  # fmt: skip
    """Open a ticket through the one door in, as a web form sent from a device that is signed in."""
    web = channel if channel.slug == "web" else Channel.objects.filter(slug="web").order_by("id")[0]
    form: dict[str, Any] = {"email": person.email, "name": person.name, "subject": subject, "text": text}
    form |= {"signed_in": True}
    outcome = receive.receive(web, build_document(form), source_key=f"test-{next(_count)}", now=now)
    assert outcome.ticket is not None, outcome
    return outcome.ticket


def typed_ticket(channel: Channel, address: str, *, name: str = "", now: datetime = NOON) -> Ticket:
    """Open a ticket as a form does in which somebody has typed an address."""
    form = {"email": address, "name": name, "subject": "Typed", "text": "Who am I?"}
    outcome = receive.receive(channel, build_document(form), source_key=f"test-{next(_count)}", now=now)
    assert outcome.ticket is not None, outcome
    return outcome.ticket


def customer_message(ticket: Ticket, text: str = "Any news?", *, now: datetime = NOON) -> Message:
    """Let the ticket's customer write again, as on their own page."""
    participant = ticket.participants.filter(customer=ticket.customer).first()
    form = {
        "email": participant.address if participant else ticket.customer.email,
        "text": text,
        "participant": {"customer": ticket.customer_id, "ticket": ticket.pk},
    }
    web = Channel.objects.filter(slug="web").order_by("id")[0]
    outcome = receive.receive(web, build_document(form), source_key=f"test-{next(_count)}", now=now)
    assert outcome.message is not None, outcome
    ticket.refresh_from_db()
    return outcome.message
