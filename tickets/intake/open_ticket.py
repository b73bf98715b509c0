"""The one ticket that somebody means who cites none: a caller, or whoever writes from a telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.intake.arrivals import Arrival
from tickets.models import Company, Ticket

LAYER = "open_ticket_of_caller"


def find_only_open_ticket(arrival: Arrival) -> Ticket | None:
    """Return the sender's only active ticket, if it is recent enough to be meant.

    Nobody is guessed: an identity that several people share (`arrival.candidates`), or somebody with two
    active tickets, gets none.
    """
    if arrival.candidates:
        return None
    active = Ticket.objects.active().filter(customer=arrival.customer).order_by("-updated_at")
    found = list(active[:2])
    is_only_one = len(found) == 1 and found[0].updated_at >= _recently(arrival.now)
    return found[0] if is_only_one else None


def _recently(now: datetime) -> datetime:
    return now - timedelta(days=Company.current().reopen_days)
