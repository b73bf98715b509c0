"""Find the recipients of a reply: the requester and the participants in copy. All senders use this."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tickets import prepared
from tickets.models import Participant, Ticket


class Recipients(NamedTuple):
    """The requester, their mail address (may be empty), and the addresses of the others in copy."""

    requester: Participant | None
    address: str
    copies: list[str]


def find_recipients(ticket: Ticket) -> Recipients:
    """Load the participants of a ticket and return the recipients of a reply."""
    return choose_recipients(ticket, prepared.load_recipients(ticket.pk))


def choose_recipients(ticket: Ticket, participants: Iterable[Participant]) -> Recipients:
    """Return the recipients of a reply among a ticket's `participants`, which are in the order of their ids.

    Participants who wait for approval or were refused get nothing. The requester is the ticket's customer,
    else the first participant.
    """
    accepted = [person for person in participants if person.state == Participant.State.ACCEPTED]
    own = (person for person in accepted if person.customer_id == ticket.customer_id)
    requester = next(own, accepted[0] if accepted else None)
    address = requester.address if requester else ""
    others = dict.fromkeys(person.address for person in accepted if person is not requester)
    # The owner of an address that a caller named may be a participant too: one mail to the address is enough.
    return Recipients(requester, address, [copy for copy in others if copy not in ("", address)])
