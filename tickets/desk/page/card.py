"""The customer card: name, contact details, notes, the agents they know, promises and other tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Max, Prefetch, Q
from django.utils.translation import gettext as _

from tickets import wording
from tickets.channels.registry import adapters
from tickets.channels.values import Question
from tickets.customers import details
from tickets.desk.access import Desk
from tickets.desk.names import initials
from tickets.desk.page.ticket import TicketPage
from tickets.desk.writing.correcting import Change, find_change
from tickets.models import Customer, CustomerDetails, Follower, Identity, Message, Promise, Ticket
from tickets.platform.crypto import digest

MAX_OTHER_TICKETS = 8
TICKETS_SEARCHED = 50  # for the agents who answered
MAX_CANDIDATES = 10


@dataclass(frozen=True)
class KnownAgent:
    """An agent who has answered this customer: how often, and when last."""

    name: str
    initials: str
    is_me: bool
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Card:
    """What the card beside a ticket shows of its customer, as far as the reader's queues know it."""

    customer: Customer
    identities: list[Identity]
    notes: str
    other_notes: list[CustomerDetails]
    place: str
    local_time: str
    known_agents: list[KnownAgent]
    promises: list[Promise]
    contacts: int
    other_tickets: list[Ticket]
    candidates: list[Customer]
    followers: list[str]
    is_followed: bool
    questions: list[Question]
    answered_at: str  # a mark that changes with whom an answer goes to
    change: Change | None = None
    is_masked: bool = False

    @property
    def initials(self) -> str:
        return initials(self.customer.display_name)

    @property
    def contact_details(self) -> list[Identity]:
        """The addresses and numbers to show, each once; the ids of chat visitors are left out."""
        proved = {(i.kind, i.value) for i in self.identities if not i.is_claim}
        shown = [i for i in self.identities if not (i.is_claim and (i.kind, i.value) in proved)]
        return [i for i in shown if i.kind != Identity.Kind.VISITOR]

    @property
    def replies(self) -> int:
        return sum(agent.count for agent in self.known_agents)


def build_card(page: TicketPage, *, candidates: Sequence[int] = ()) -> Card:
    """Return the customer card of a ticket.

    `candidates` are the ids of customers who share the phone number that the ticket came from.
    """
    ticket, desk, customer = page.ticket, page.desk, page.ticket.customer
    identities = list(Identity.objects.visible_to(desk.actor).filter(customer=customer))
    noted = list(details.load_visible_details(desk.actor).filter(customer=customer).select_related("queue"))
    noted.sort(key=lambda row: row.queue_id != ticket.queue_id)  # what this queue knows comes first
    shown = details.merge_details(noted)
    followers = list(Follower.objects.with_access(desk.now).filter(ticket=ticket).select_related("user"))
    return Card(
        customer=customer,
        identities=identities,
        notes=next((row.notes for row in noted if row.queue_id == ticket.queue_id), ""),
        other_notes=[row for row in noted if row.queue_id != ticket.queue_id and row.notes],
        place=shown["place"],
        local_time=_local_time(shown["time_zone"], desk.now),
        known_agents=_load_known_agents(customer, desk),
        promises=page.promises,
        contacts=customer.contacts.filter(ticket__in=desk.tickets.values("pk")).count(),
        other_tickets=_load_other_tickets(ticket, desk),
        candidates=_find_candidates(customer, identities, candidates, desk),
        followers=[str(row.user) for row in followers if row.user_id != desk.actor.user_id],
        is_followed=any(row.user_id == desk.actor.user_id for row in followers),
        answered_at=digest(repr(page.recipients[1:]))[:12],
        questions=[] if page.hides_addresses else _load_questions(ticket),
        change=find_change(ticket, desk),
        is_masked=page.hides_addresses,
    )


def _load_questions(ticket: Ticket) -> list[Question]:
    """Return the questions about the customer that the channels could not answer by themselves."""
    asked = (adapter.question(ticket) for adapter in adapters().values())
    return [question for question in asked if question is not None]


def _find_candidates(
    customer: Customer, identities: list[Identity], candidates: Sequence[int], desk: Desk
) -> list[Customer]:
    """Return other visible customers who may be the same person, for an agent to choose from.

    They share the number that a call came from (`candidates`). If this customer has no name, or only
    unverified addresses and numbers, those who share one of these are added; if one of them has verified it,
    the others who only claim it are left out.
    """
    seen = Identity.objects.visible_to(desk.actor)
    known_by = [i for i in identities if i.kind != Identity.Kind.VISITOR]
    is_known = bool(customer.name) and any(not i.is_claim for i in known_by)
    same = Q()
    for identity in [] if is_known else known_by:
        same |= Q(kind=identity.kind, value=identity.value)
    others = list(seen.filter(same).exclude(customer=customer)[:MAX_CANDIDATES]) if same else []
    others = [other for other in others if not other.is_claim] or others
    ids = {*candidates, *(other.customer_id for other in others)} - {customer.pk}
    if not ids:
        return []
    visible = Customer.objects.visible_to(desk.actor).filter(pk__in=ids, merged_into=None)
    return list(visible.prefetch_related(Prefetch("identities", seen)).order_by("pk"))


def _local_time(time_zone: str, now: datetime) -> str:
    """Return the customer's local time in words; an empty text if their time zone is unknown or invalid."""
    if not time_zone:
        return ""
    try:
        local = now.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return _("local time %(time)s") % {"time": wording.format_time(local)}


def _load_known_agents(customer: Customer, desk: Desk) -> list[KnownAgent]:
    """Return the five agents with most answers in the customer's latest 50 tickets that the reader sees."""
    latest = desk.tickets.filter(customer=customer).order_by("-created_at").values("pk")[:TICKETS_SEARCHED]
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
        KnownAgent(name or email, initials(name or email), user_id == desk.actor.user_id, count, at)
        for user_id, name, email, count, at in answered
    ]


def _load_other_tickets(ticket: Ticket, desk: Desk) -> list[Ticket]:
    rows = desk.tickets.filter(customer=ticket.customer_id, merged_into=None).exclude(pk=ticket.pk)
    return list(
        rows.only("pk", "subject", "state", "updated_at", "is_spam").order_by("-created_at")[
            :MAX_OTHER_TICKETS
        ]
    )
