"""What a ticket's page shows of one ticket: the people, what was promised, said, sent and done."""

from __future__ import annotations

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from tickets.actor import Actor
from tickets.models import Attachment, Call, Event, Message, Outbound, Participant, Promise
from tickets.prepared.statement import prepared

MESSAGES_PER_PAGE = 40
MAX_EVENTS = 400
MAX_PROMISES = 5
# What the page says of each; a column that is not shown costs as much to read as one that is.
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
    """Return who takes part in a ticket or waits for a yes, in the order they came."""
    rows = Participant.objects.filter(ticket=ticket).exclude(state=Participant.State.REFUSED)
    return rows.select_related("customer", "identity").only(*PERSON_COLUMNS).order_by("pk")


@prepared
def load_promises(ticket: int) -> QuerySet[Promise]:
    """Return the latest promises, those that a newer one replaced among them, the latest first."""
    return Promise.objects.filter(ticket=ticket).order_by("-made_at", "-pk")[:MAX_PROMISES]


@prepared
def load_messages(actor: Actor, ticket: int, customer: int, before: int) -> QuerySet[Message]:
    """Return the last messages before number `before` that the actor may see, the newest first.

    One more than a page shows, which tells that there are earlier ones. Each knows whether there is more to
    read: `has_html`, `has_files`, and `has_calls` of the whole ticket or of its customer.
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
    """Return everything that was or will be sent about a ticket, in the order it was queued."""
    rows = Outbound.objects.filter(ticket=ticket).select_related("channel").only(*OUTBOUND_COLUMNS)
    return rows.order_by("pk")
