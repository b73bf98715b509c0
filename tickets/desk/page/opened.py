"""A ticket that is open on the desk: the people in it and what was promised, read once for all its panes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from tickets.customers.recipients import Recipients, recipients_among
from tickets.desk.entrance import Desk
from tickets.errors import NotFound
from tickets.models import Draft, Participant, Promise, Reader, Ticket
from tickets.models.composed import composed, one
from tickets.models.reader import PRESENT_FOR
from tickets.models.ticket import TicketQuerySet

SOON = timedelta(hours=1)
PROMISES = 5
# What the page shows of a ticket and the people in it; a column that is not shown costs as much to read.
OF_A_TICKET = (
    "subject", "state", "priority", "is_spam", "last_seq", "waiting_since", "customer",
    "queue__name_en", "queue__name_fr", "motive__name_en", "motive__name_fr",
    "channel__slug", "assignee__name", "assignee__email",
)  # fmt: skip
OF_A_PERSON = ("ticket", "state", "role", "customer__name", "identity__kind", "identity__value")


@dataclass(frozen=True)
class Opened:
    """One ticket in front of one person; without drafts or other readers of it, none are looked for."""

    ticket: Ticket
    desk: Desk
    has_drafts: bool = True
    has_readers: bool = True

    @property
    def hides_addresses(self) -> bool:
        """Whether this person only helps out in the ticket's queue, and is shown no addresses and numbers."""
        return self.ticket.queue_id in self.desk.helps_in

    @cached_property
    def people(self) -> list[Participant]:
        """Everybody who takes part or waits for a yes, in the order they came, with their addresses."""
        rows = _people(self.ticket.pk)
        unknown = [row.customer for row in rows if not (row.customer.name and row.has_own_address)]
        if unknown:
            prefetch_related_objects(unknown, "identities")
        return rows

    @property
    def strangers(self) -> list[Participant]:
        """Those who wait for an agent's yes."""
        return [person for person in self.people if person.state == Participant.State.PENDING]

    @cached_property
    def recipients(self) -> Recipients:
        """Whom an answer goes to, and who gets a copy."""
        return recipients_among(self.ticket, self.people)

    @cached_property
    def promises(self) -> list[Promise]:
        """The promises that were not replaced by a newer one, the latest first."""
        return _promises(self.ticket.pk)

    @property
    def promise(self) -> Promise | None:
        """The promise that still stands, or was broken without an answer since."""
        return next((promise for promise in self.promises if promise.kept_at is None), None)

    @property
    def promise_is_soon(self) -> bool:
        return self.promise is not None and self.promise.due_at - self.desk.now <= SOON


def read(number: int, desk: Desk) -> Opened:
    """Open one visible ticket for its page. Raises NotFound for any other, and for a number nobody has."""
    user, since = desk.user.pk, desk.now - PRESENT_FOR
    if desk.actor.is_administrator:
        ticket = _shown(desk.tickets.filter(pk=number), user, since).first()
    else:
        ticket = one(_reached(tuple(desk.queues), user, number, since))
    if ticket is None:
        raise NotFound
    return Opened(ticket, desk, ticket.has_drafts, ticket.has_readers)  # type: ignore[attr-defined]


@composed
def _reached(queues: tuple[int, ...], user: int, number: int, since: datetime) -> QuerySet[Ticket]:
    return _shown(Ticket.objects.within_reach(queues, user).filter(pk=number), user, since)


def _shown(tickets: TicketQuerySet, user: int, since: datetime) -> QuerySet[Ticket]:
    """Add whether there are drafts of this person, and colleagues who have the ticket open: mostly not."""
    drafts = Draft.objects.filter(ticket=OuterRef("pk"), user=user)
    readers = Reader.objects.seen_since(since).filter(ticket=OuterRef("pk")).exclude(user=user)
    rows = tickets.annotate(has_drafts=Exists(drafts), has_readers=Exists(readers))
    return rows.select_related("queue", "channel", "assignee", "motive").only(*OF_A_TICKET)


@composed
def _people(ticket: int) -> QuerySet[Participant]:
    rows = Participant.objects.filter(ticket=ticket).exclude(state=Participant.State.REFUSED)
    return rows.select_related("customer", "identity").only(*OF_A_PERSON).order_by("pk")


@composed
def _promises(ticket: int) -> QuerySet[Promise]:
    return Promise.objects.filter(ticket=ticket, replaced_by=None).order_by("-due_at")[:PROMISES]
