"""The reads of the desk: the memberships of an account, and the ticket that it opens or answers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now

from tickets.actor import Actor
from tickets.models import Company, Draft, QueueMembership, Reader, Ticket
from tickets.prepared.statement import prepared

# The columns that the page shows. Others are left out, since each costs time to read.
TICKET_COLUMNS = (
    "subject", "state", "priority", "is_spam", "last_seq", "waiting_since", "customer",
    "queue__name_en", "queue__name_fr", "motive__name_en", "motive__name_fr",
    "channel__slug", "assignee__name", "assignee__email",
)  # fmt: skip


@prepared
def load_memberships(user_id: int) -> QuerySet[QueueMembership]:
    """Return an account's current memberships with their queues, in the queues' order.

    Each row also has the database's time (`read_at`) and two values of the company that every page needs
    (`company_name`, `undo_seconds`), to save a query.
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
    """Return the ticket with this number as its page shows it, if the actor may see it: one or none.

    `has_drafts` tells whether the account has drafts in it, `has_readers` whether another reader's page has
    shown it after `since`. Both are mostly False, and then the page does not load them.
    """
    drafts = Draft.objects.filter(ticket=OuterRef("pk"), user=user)
    readers = Reader.objects.seen_since(since).filter(ticket=OuterRef("pk")).exclude(user=user)
    seen = Ticket.objects.visible_to(actor).filter(pk=number)
    rows = seen.annotate(has_drafts=Exists(drafts), has_readers=Exists(readers))
    return rows.select_related("queue", "channel", "assignee", "motive").only(*TICKET_COLUMNS)


@prepared
def load_bare_tickets(actor: Actor, number: int) -> QuerySet[Ticket]:
    """Return the ticket with only its number loaded, if the actor may see it: one or none."""
    return Ticket.objects.visible_to(actor).filter(pk=number).only("pk")
