"""The cast everybody knows: Alice (office), Bob (home), supervisor Carol, Dana, Émile and Mallory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from tests import make
from tickets.actor import Actor
from tickets.models import Channel, Customer, Queue, QueueMembership

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday


@dataclass
class Cast:
    """Two queues, their channels, the people who work there and those who write."""

    orders: Queue
    refunds: Queue
    mailbox: Channel
    web: Channel
    chat: Channel
    phone: Channel
    alice: Any
    bob: Any
    carol: Any
    admin: Any
    mallory: Any
    dana: Customer
    emile: Customer

    def acting(self, name: str) -> Actor:
        """Return the actor of somebody by name."""
        person = getattr(self, name)
        if isinstance(person, Customer):
            return Actor.for_identity(person.identities.get(kind="email", verified_at__isnull=False))
        return Actor.for_user(person)


def assemble() -> Cast:
    """Make the cast: Alice and Bob work in both queues, Mallory in none that matters."""
    orders, refunds, secret = make.queue("orders"), make.queue("refunds"), make.queue("legal")
    people = {name: make.user(name) for name in ("alice", "bob", "carol", "mallory")}
    for queue in (orders, refunds):
        for name in ("alice", "bob"):
            make.membership(people[name], queue)
        make.membership(people["carol"], queue, role=QueueMembership.Role.SUPERVISOR)
    make.membership(people["mallory"], secret)
    return Cast(
        orders=orders,
        refunds=refunds,
        mailbox=make.channel("email", orders, address="support@demo.example"),
        web=make.channel("web", orders),
        chat=make.channel("chat", orders),
        phone=make.channel("phone", orders),
        admin=get_user_model().objects.create_superuser("admin@demo.example", make.PASSWORD, name="Admin"),
        dana=make.customer("Dana Petit", "dana@petit.example"),
        emile=make.customer("Émile Moreau", "emile@moreau.example", language="fr"),
        **people,
    )
