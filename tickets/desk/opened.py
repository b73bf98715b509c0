"""A ticket that is open on the desk: the people in it and what was promised, read once for all its panes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import QuerySet, prefetch_related_objects

from tickets.desk.entrance import Desk
from tickets.models import Participant, Promise, Ticket
from tickets.models.composed import composed

SOON = timedelta(hours=1)
PROMISES = 5


@dataclass(frozen=True)
class Opened:
    """One ticket in front of one person."""

    ticket: Ticket
    desk: Desk

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

    @property
    def requester(self) -> Participant | None:
        """Whom an answer goes to."""
        taking_part = [p for p in self.people if p.state == Participant.State.ACCEPTED]
        own = (p for p in taking_part if p.customer_id == self.ticket.customer_id)
        return next(own, taking_part[0] if taking_part else None)

    @property
    def copies(self) -> list[str]:
        """The addresses an answer goes to as well."""
        taking_part = [p for p in self.people if p.state == Participant.State.ACCEPTED]
        return [p.address for p in taking_part if p is not self.requester and p.address]

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


@composed
def _people(ticket: int) -> QuerySet[Participant]:
    rows = Participant.objects.filter(ticket=ticket).exclude(state=Participant.State.REFUSED)
    return rows.select_related("customer", "identity").order_by("pk")


@composed
def _promises(ticket: int) -> QuerySet[Promise]:
    return Promise.objects.filter(ticket=ticket, replaced_by=None).order_by("-due_at")[:PROMISES]
