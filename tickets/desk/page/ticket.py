"""A ticket's page on the desk: its participants, recipients and promises, loaded once for all panes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from tickets import prepared
from tickets.customers.recipients import Recipients, choose_recipients
from tickets.desk.access import Desk
from tickets.errors import NotFound
from tickets.models import Participant, Promise, Ticket
from tickets.models.reader import PRESENT_FOR

SOON = timedelta(hours=1)


@dataclass(frozen=True)
class TicketPage:
    """One ticket as one person sees it.

    `has_drafts` and `has_readers` save a query each where the ticket was loaded with the answer "none".
    """

    ticket: Ticket
    desk: Desk
    has_drafts: bool = True
    has_readers: bool = True

    @property
    def hides_addresses(self) -> bool:
        """Whether addresses and numbers are hidden, because this person only helps in the ticket's queue."""
        return self.ticket.queue_id in self.desk.helps_in

    @cached_property
    def people(self) -> list[Participant]:
        """The participants, accepted and pending, in the order they joined, with their addresses."""
        rows = prepared.load_people(self.ticket.pk)
        unknown = [row.customer for row in rows if not (row.customer.name and row.has_own_address)]
        if unknown:
            prefetch_related_objects(unknown, "identities")
        return rows

    @property
    def pending_participants(self) -> list[Participant]:
        """The new participants who wait for an agent's approval."""
        return [person for person in self.people if person.state == Participant.State.PENDING]

    @cached_property
    def recipients(self) -> Recipients:
        """The address a reply goes to, and those who get a copy."""
        return choose_recipients(self.ticket, self.people)

    @cached_property
    def promises(self) -> list[Promise]:
        """The latest promises, kept, broken or open, newest first."""
        return prepared.load_promises(self.ticket.pk)

    @property
    def promise(self) -> Promise | None:
        """The promise that is neither kept nor replaced, whether or not its time has passed."""
        open_promises = (p for p in self.promises if p.kept_at is None and p.replaced_by_id is None)
        return next(open_promises, None)

    @property
    def promise_is_soon(self) -> bool:
        return self.promise is not None and self.promise.due_at - self.desk.now <= SOON


def load_ticket_page(number: int, desk: Desk) -> TicketPage:
    """Load a visible ticket for its page.

    Raises:
        NotFound: the ticket does not exist, or this person may not see it.
    """
    rows: list[Any] = prepared.load_opened_tickets(desk.actor, number, desk.user.pk, desk.now - PRESENT_FOR)
    if not rows:
        raise NotFound
    (ticket,) = rows
    return TicketPage(ticket, desk, ticket.has_drafts, ticket.has_readers)
