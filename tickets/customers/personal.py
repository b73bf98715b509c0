"""Mask addresses and numbers for helpers: agents whose membership of a queue hides personal data.

They see only enough to tell two addresses apart.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from tickets.actor import Actor
from tickets.models import Customer, Identity, QueueMembership, Ticket
from tickets.models.customers.customer import IdentityQuerySet


def load_helper_queues(actor: Actor) -> frozenset[int]:
    """Return the ids of the queues in which an actor sees no addresses and numbers."""
    if actor.is_administrator or not actor.is_user:
        return frozenset()
    rows = QueueMembership.objects.live().filter(user_id=actor.id, hides_personal_data=True)
    return frozenset(rows.values_list("queue", flat=True))


def annotate_masks(identities: IdentityQuerySet, actor: Actor, helps: frozenset[int]) -> IdentityQuerySet:
    """Add `is_masked` to identities: True if the actor knows them only from queues in `helps`.

    `helps` are the ids from `load_helper_queues`.
    """
    own_tickets = Ticket.objects.visible_to(actor).exclude(queue__in=helps)
    known = Identity.objects.known_in(own_tickets).filter(
        customer__tickets__in=own_tickets, pk=OuterRef("pk")
    )
    return identities.annotate(is_masked=~Exists(known))


def mask_value(value: str) -> str:
    """Return an address or number masked, so that two can be told apart: "d…@…", "… 78"."""
    if "@" in value:
        return f"{value[0]}…@…"
    return f"… {value[-2:]}" if value else ""


def mask_if_hidden(value: str, *, is_hidden: bool) -> str:
    """Return an address or number, masked if `is_hidden`."""
    return mask_value(value) if is_hidden else value


def choose_display_name(customer: Customer, *, is_hidden: bool) -> str:
    """Return a customer's name, else their address, masked if `is_hidden`."""
    return customer.name or mask_if_hidden(customer.display_name, is_hidden=is_hidden)
