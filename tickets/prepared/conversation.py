"""The reads of a ticket's page: participants, promises, messages, events and outgoing messages."""

from __future__ import annotations

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from tickets.actor import Actor
from tickets.models import Attachment, Call, Event, Message, Outbound, Participant, Promise
from tickets.prepared.statement import prepared

MESSAGES_PER_PAGE = 40
MAX_EVENTS = 400
MAX_PROMISES = 5
# The columns that the page shows. Others are left out, since each costs time to read.
PERSON_COLUMNS = ("ticket", "state", "role", "customer__name", "identity__kind", "identity__value")
MESSAGE_COLUMNS = (
    "ticket", "seq", "kind", "channel_slug", "from_address", "from_name", "text", "reply_text", "language",
    "is_auto", "auto_reason", "is_held", "thread_layer", "facts", "created_at",
    "author_user__name", "author_user__email", "author_customer__name",
)  # fmt: skip
EVENT_COLUMNS = ("ticket", "kind", "at", "actor_kind", "actor_id", "queue_id", "cause", "data")
OUTBOUND_COLUMNS = (
    "ticket", "message", "kind", "state", "next_attempt_at", "error", "created_at", "channel__slug",
)  # fmt: skip


@prepared
def load_people(ticket: int) -> QuerySet[Participant]:
    """Return the participants of a ticket who were accepted or wait for approval, by id."""
    rows = Participant.objects.filter(ticket=ticket).exclude(state=Participant.State.REFUSED)
    return rows.select_related("customer", "identity").only(*PERSON_COLUMNS).order_by("pk")


@prepared
def load_promises(ticket: int) -> QuerySet[Promise]:
    """Return the latest promises of a ticket, replaced ones included, the latest first."""
    return Promise.objects.filter(ticket=ticket).order_by("-made_at", "-pk")[:MAX_PROMISES]


@prepared
def load_messages(actor: Actor, ticket: int, customer: int, before: int) -> QuerySet[Message]:
    """Return the last visible messages before number `before`, the newest first.

    One more than a page shows: if it is there, there are earlier messages. Each row tells what else the page
    must load: `has_html`, `has_files`, and `has_calls` (of the ticket, or of its customer without a ticket).
    """
    rows = Message.objects.visible_to(actor).filter(ticket=ticket, seq__lt=before)
    has_html = ExpressionWrapper(~Q(html_safe=""), output_field=BooleanField())
    has_files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    has_calls = Exists(Call.objects.on_timeline(ticket, customer))
    with_facts = rows.annotate(has_html=has_html, has_files=has_files, has_calls=has_calls)
    with_authors = with_facts.select_related("author_user", "author_customer").only(*MESSAGE_COLUMNS)
    return with_authors.order_by("-seq")[: MESSAGES_PER_PAGE + 1]


@prepared
def load_events(ticket: int) -> QuerySet[Event]:
    """Return a ticket's latest events, the latest first."""
    return Event.objects.filter(ticket=ticket).only(*EVENT_COLUMNS).order_by("-pk")[:MAX_EVENTS]


@prepared
def load_outbounds(ticket: int) -> QuerySet[Outbound]:
    """Return all rows of the outbox of a ticket, in the order in which they were queued."""
    rows = Outbound.objects.filter(ticket=ticket).select_related("channel").only(*OUTBOUND_COLUMNS)
    return rows.order_by("pk")
