"""A ticket that is open on the desk: the people in it and what was promised, read once for all its panes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from tickets import prepared
from tickets.customers.recipients import Recipients, choose_recipients
from tickets.desk.entrance import Desk
from tickets.errors import NotFound
from tickets.models import Participant, Promise, Ticket
from tickets.models.reader import PRESENT_FOR

SOON = timedelta(hours=1)


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
        rows = prepared.load_people(self.ticket.pk)
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
        return choose_recipients(self.ticket, self.people)

    @cached_property
    def promises(self) -> list[Promise]:
        """The latest promises, old and new, the latest first."""
        return prepared.load_promises(self.ticket.pk)

    @property
    def promise(self) -> Promise | None:
        """The promise that still stands, or was broken without an answer since."""
        standing = (p for p in self.promises if p.kept_at is None and p.replaced_by_id is None)
        return next(standing, None)

    @property
    def promise_is_soon(self) -> bool:
        return self.promise is not None and self.promise.due_at - self.desk.now <= SOON


def read(number: int, desk: Desk) -> Opened:
    """Open one visible ticket for its page. Raises NotFound for any other, and for a number nobody has."""
    rows: list[Any] = prepared.load_opened_tickets(desk.actor, number, desk.user.pk, desk.now - PRESENT_FOR)
    if not rows:
        raise NotFound
    (ticket,) = rows
    return Opened(ticket, desk, ticket.has_drafts, ticket.has_readers)
