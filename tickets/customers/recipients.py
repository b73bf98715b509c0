"""Whom an answer in a ticket goes to: the requester, and the others in copy; for all that write to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tickets import prepared
from tickets.models import Participant, Ticket


class Recipients(NamedTuple):
    """Whom an answer goes to, their mail address (may be empty), and the addresses of the others in copy."""

    requester: Participant | None
    address: str
    copies: list[str]


def find_recipients(ticket: Ticket) -> Recipients:
    """Return the recipients of an answer in `ticket`, as the rows are now."""
    return choose_recipients(ticket, prepared.load_recipients(ticket.pk))


def choose_recipients(ticket: Ticket, participants: Iterable[Participant]) -> Recipients:
    """Return the recipients of an answer, where a ticket's `participants` have been read already, by id.

    Who still waits for an agent's yes, or was refused, gets nothing. The requester is the ticket's own
    customer, or whoever has taken part the longest.
    """
    people = [person for person in participants if person.state == Participant.State.ACCEPTED]
    own = (person for person in people if person.customer_id == ticket.customer_id)
    requester = next(own, people[0] if people else None)
    address = requester.address if requester else ""
    others = dict.fromkeys(person.address for person in people if person is not requester)
    # Whoever owns the address that a caller named takes part too: one mail is enough.
    return Recipients(requester, address, [copy for copy in others if copy not in ("", address)])
