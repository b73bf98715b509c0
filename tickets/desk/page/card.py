"""The customer's card: who this is, how they are reached, who knows them, and what else they asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Max, Prefetch, Q
from django.utils.translation import gettext as _

from tickets import wording
from tickets.customers import details
from tickets.desk.entrance import Desk
from tickets.desk.names import initials
from tickets.desk.page.opened import Opened
from tickets.models import Customer, CustomerDetails, Identity, Message, Promise, Ticket

OTHERS = 8
REMEMBERED = 50
CANDIDATES = 10


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
    """Everything the card shows of one customer beside one ticket: what the reader's queues know of them."""

    customer: Customer
    identities: list[Identity]
    notes: str
    other_notes: list[CustomerDetails]
    place: str
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
        """What people are reached by, each once; a chat visitor's id says nothing to anybody."""
        proved = {(i.kind, i.value) for i in self.identities if not i.is_claim}
        shown = [i for i in self.identities if not (i.is_claim and (i.kind, i.value) in proved)]
        return [i for i in shown if i.kind != Identity.Kind.VISITOR]

    @property
    def replies(self) -> int:
        return sum(knows.count for knows in self.knows)


def build_card(opened: Opened, *, candidates: Sequence[int] = ()) -> Card:
    """Return the card beside a ticket; `candidates` are customers who share the number it came from."""
    ticket, desk, customer = opened.ticket, opened.desk, opened.ticket.customer
    identities = list(Identity.objects.visible_to(desk.actor).filter(customer=customer))
    noted = list(details.load_visible_details(desk.actor).filter(customer=customer).select_related("queue"))
    noted.sort(key=lambda row: row.queue_id != ticket.queue_id)
    shown = details.merge_details(noted)
    return Card(
        customer=customer,
        identities=identities,
        notes=next((row.notes for row in noted if row.queue_id == ticket.queue_id), ""),
        other_notes=[row for row in noted if row.queue_id != ticket.queue_id and row.notes],
        place=shown["place"],
        local_time=_local_time(shown["time_zone"], desk.now),
        knows=_who_knows(customer, desk),
        promises=opened.promises,
        contacts=customer.contacts.filter(ticket__in=desk.tickets.values("pk")).count(),
        others=_others(ticket, desk),
        candidates=_who_it_may_be(customer, identities, candidates, desk),
        is_masked=opened.hides_addresses,
    )


def _who_it_may_be(
    customer: Customer, identities: list[Identity], candidates: Sequence[int], desk: Desk
) -> list[Customer]:
    """Return other customers in sight whom an agent may name as this one.

    They share the number that a call came from (`candidates`), or the address or number of somebody who is
    known by claims alone or has no name. Where one of them has proved it, those who only claim it too are
    left out.
    """
    seen = Identity.objects.visible_to(desk.actor)
    known_by = [i for i in identities if i.kind != Identity.Kind.VISITOR]
    is_known = bool(customer.name) and any(not i.is_claim for i in known_by)
    same = Q()
    for identity in [] if is_known else known_by:
        same |= Q(kind=identity.kind, value=identity.value)
    others = list(seen.filter(same).exclude(customer=customer)[:CANDIDATES]) if same else []
    others = [other for other in others if not other.is_claim] or others
    ids = {*candidates, *(other.customer_id for other in others)} - {customer.pk}
    if not ids:
        return []
    visible = Customer.objects.visible_to(desk.actor).filter(pk__in=ids, merged_into=None)
    return list(visible.prefetch_related(Prefetch("identities", seen)).order_by("pk"))


def _local_time(time_zone: str, now: datetime) -> str:
    """Return the time of day where the customer is, where we know their zone and it is not ours."""
    if not time_zone:
        return ""
    try:
        there = now.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return _("local time %(time)s") % {"time": wording.format_time(there)}


def _who_knows(customer: Customer, desk: Desk) -> list[Knows]:
    """Count who answered this customer in the latest tickets that the reader sees."""
    latest = desk.tickets.filter(customer=customer).order_by("-created_at").values("pk")[:REMEMBERED]
    answered = (
        Message.objects.filter(  # reached: of tickets in sight
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
