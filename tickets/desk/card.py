"""The customer's card: who this is, how they are reached, who knows them, and what else they asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from tickets import times
from tickets.desk.entrance import Desk
from tickets.desk.names import initials
from tickets.desk.opened import Opened
from tickets.models import Customer, Identity, Message, Promise, Ticket

OTHERS = 8
REMEMBERED = 50


@dataclass(frozen=True)
class Knows:
    """A colleague who has answered this customer, how often, and when last."""

    name: str
    initials: str
    is_me: bool
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Card:
    """Everything the card shows of one customer beside one ticket."""

    customer: Customer
    identities: list[Identity]
    local_time: str
    knows: list[Knows]
    promises: list[Promise]
    contacts: int
    others: list[Ticket]
    candidates: list[Customer]
    is_masked: bool = False

    @property
    def initials(self) -> str:
        return initials(self.customer.display_name)

    @property
    def reachable(self) -> list[Identity]:
        """What people are reached by; a chat visitor's id says nothing to anybody."""
        return [i for i in self.identities if i.kind != Identity.Kind.VISITOR]

    @property
    def replies(self) -> int:
        return sum(knows.count for knows in self.knows)


def of(opened: Opened, *, candidates: Sequence[int] = ()) -> Card:
    """Return the card beside a ticket; `candidates` are customers who share the number it came from."""
    ticket, desk, customer = opened.ticket, opened.desk, opened.ticket.customer
    visible = Customer.objects.visible_to(desk.actor)
    named = visible.filter(pk__in=candidates).prefetch_related("identities") if candidates else ()
    return Card(
        customer=customer,
        identities=list(customer.identities.all()),
        local_time=_local_time(customer, desk.now),
        knows=_who_knows(customer, desk),
        promises=opened.promises,
        contacts=customer.contacts.count(),
        others=_others(ticket, desk),
        candidates=[person for person in named if person.pk != customer.pk],
        is_masked=opened.hides_addresses,
    )


def _local_time(customer: Customer, now: datetime) -> str:
    """Return the time of day where the customer is, where we know their zone and it is not ours."""
    if not customer.time_zone:
        return ""
    try:
        there = now.astimezone(ZoneInfo(customer.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return _("%(time)s there") % {"time": times.clock(there)}


def _who_knows(customer: Customer, desk: Desk) -> list[Knows]:
    """Count who answered this customer in their latest tickets."""
    latest = Ticket.objects.filter(customer=customer).order_by("-created_at").values("pk")[:REMEMBERED]
    answered = (
        Message.objects.filter(
            ticket__in=latest, kind=Message.Kind.OUTBOUND, author_user__isnull=False, is_held=False
        )
        .order_by()
        .values_list("author_user", "author_user__name", "author_user__email")
        .annotate(count=Count("pk"), last_at=Max("created_at"))
        .order_by("-count", "-last_at")[:5]
    )
    return [
        Knows(name or email, initials(name or email), user_id == desk.actor.user_id, count, at)
        for user_id, name, email, count, at in answered
    ]


def _others(ticket: Ticket, desk: Desk) -> list[Ticket]:
    rows = desk.tickets.filter(customer=ticket.customer_id, merged_into=None).exclude(pk=ticket.pk)
    return list(rows.only("pk", "subject", "state", "updated_at", "is_spam").order_by("-created_at")[:OTHERS])
