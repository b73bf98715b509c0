"""The ticket of a caller, or of a text message, which refer to none: the customer's only open ticket."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.intake.arrivals import Arrival
from tickets.models import Company, Ticket

LAYER = "open_ticket_of_caller"


def find_only_open_ticket(arrival: Arrival) -> Ticket | None:
    """Return the sender's only active ticket, if it is recent, or None.

    Nothing is guessed: None for an identity that several customers share (`arrival.candidates`), and for a
    customer with two active tickets.
    """
    if arrival.candidates:
        return None
    active = Ticket.objects.active().filter(customer=arrival.customer).order_by("-updated_at")
    found = list(active[:2])
    is_only_one = len(found) == 1 and found[0].updated_at >= _recently(arrival.now)
    return found[0] if is_only_one else None


def _recently(now: datetime) -> datetime:
    return now - timedelta(days=Company.current().reopen_days)
