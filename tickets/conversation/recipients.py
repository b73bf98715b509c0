"""Whom an answer goes to: the one who asked, and the others in copy."""

from __future__ import annotations

from django.db.models import prefetch_related_objects

from tickets import prepared
from tickets.models import Participant, Ticket


def recipients_for(ticket: Ticket) -> tuple[Participant | None, str, list[str]]:
    """Return whom an answer goes to, with their address, and the addresses of the others."""
    people = _people(ticket)
    own = (person for person in people if person.customer_id == ticket.customer_id)
    requester = next(own, people[0] if people else None)
    address = requester.address if requester else ""
    others = [person.address for person in people if person is not requester]
    # Whoever owns the address that a caller named takes part too: one mail is enough.
    return requester, address, [copy for copy in dict.fromkeys(others) if copy not in ("", address)]


def _people(ticket: Ticket) -> list[Participant]:
    """Return who takes part, each with their address known."""
    people = prepared.load_recipients(ticket.pk)
    if without := [p.customer for p in people if not p.has_own_address]:
        prefetch_related_objects(without, "identities")
    return people
