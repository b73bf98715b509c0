"""Addresses and numbers before people who only help out in a queue for a while: enough to tell two apart."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from tickets.actor import Actor
from tickets.models import Customer, Identity, QueueMembership, Ticket
from tickets.models.customers.customer import IdentityQuerySet


def load_helper_queues(actor: Actor) -> frozenset[int]:
    """Return the queues in which an actor helps out and is shown no addresses and numbers."""
    if actor.is_administrator or not actor.is_user:
        return frozenset()
    rows = QueueMembership.objects.live().filter(user_id=actor.id, hides_personal_data=True)
    return frozenset(rows.values_list("queue", flat=True))


def annotate_masks(identities: IdentityQuerySet, actor: Actor, helps: frozenset[int]) -> IdentityQuerySet:
    """Add `is_masked` to identities: whether `actor` knows them by no queue in which they are at home."""
    at_home = Ticket.objects.visible_to(actor).exclude(queue__in=helps)
    known = Identity.objects.known_in(at_home).filter(customer__tickets__in=at_home, pk=OuterRef("pk"))
    return identities.annotate(is_masked=~Exists(known))


def mask_value(value: str) -> str:
    """Return of an address or number only what tells two of them apart: "d…@…", "… 78"."""
    if "@" in value:
        return f"{value[0]}…@…"
    return f"… {value[-2:]}" if value else ""


def mask_if_hidden(value: str, *, is_hidden: bool) -> str:
    """Return an address or number as somebody may see it who perhaps only helps out for a while."""
    return mask_value(value) if is_hidden else value


def choose_display_name(customer: Customer, *, is_hidden: bool) -> str:
    """Return a customer's name; an address that stands for it is masked where it is hidden."""
    return customer.name or mask_if_hidden(customer.display_name, is_hidden=is_hidden)
