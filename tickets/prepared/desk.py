"""Who comes in at the desk, and the ticket that they open or answer."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now

from tickets.actor import Actor
from tickets.models import Company, Draft, QueueMembership, Reader, Ticket
from tickets.prepared.statement import prepared

# What the page shows of a ticket; a column that is not shown costs as much to read.
TICKET_COLUMNS = (
    "subject", "state", "priority", "is_spam", "last_seq", "waiting_since", "customer",
    "queue__name_en", "queue__name_fr", "motive__name_en", "motive__name_fr",
    "channel__slug", "assignee__name", "assignee__email",
)  # fmt: skip


@prepared
def load_memberships(user_id: int) -> QuerySet[QueueMembership]:
    """Return an account's live memberships with their queues, in the queues' order.

    Each has the database's time (`read_at`) and what the page's frame needs of the company
    (`company_name`, `undo_seconds`), so that these take no query of their own.
    """
    company = Company.objects.filter(pk=1)
    live = QueueMembership.objects.live().filter(user=user_id)
    with_frame = live.annotate(
        read_at=Now(),
        company_name=Coalesce(Subquery(company.values("name")), Value("")),
        undo_seconds=Coalesce(Subquery(company.values("undo_seconds")), Value(Company().undo_seconds)),
    )
    return with_frame.select_related("queue").order_by("queue__position", "queue")


@prepared
def load_opened_tickets(actor: Actor, number: int, user: int, since: datetime) -> QuerySet[Ticket]:
    """Return the ticket as its page shows it, if the actor may see it.

    `has_drafts` says whether there are drafts of this account, `has_readers` whether somebody else's page
    has shown the ticket after `since`: mostly not, and then none are looked for.
    """
    drafts = Draft.objects.filter(ticket=OuterRef("pk"), user=user)
    readers = Reader.objects.seen_since(since).filter(ticket=OuterRef("pk")).exclude(user=user)
    seen = Ticket.objects.visible_to(actor).filter(pk=number)
    rows = seen.annotate(has_drafts=Exists(drafts), has_readers=Exists(readers))
    return rows.select_related("queue", "channel", "assignee", "motive").only(*TICKET_COLUMNS)


@prepared
def load_bare_tickets(actor: Actor, number: int) -> QuerySet[Ticket]:
    """Return the ticket with nothing read but its number, if the actor may see it."""
    return Ticket.objects.visible_to(actor).filter(pk=number).only("pk")
