"""What software writes by itself: to whom it may, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tickets.limits import rate_limits
from tickets.models import Channel
from tickets.models.channels.company_mailboxes import is_mailbox_address

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAX_PER_HOUR, MAX_PER_DAY = 5, 20
ROLE_ADDRESSES = frozenset(
    {
        *("mailer-daemon", "postmaster", "hostmaster", "webmaster", "abuse", "root", "bounce", "bounces"),
        *(
            "noreply",
            "no-reply",
            "no_reply",
            "donotreply",
            "do-not-reply",
            "nepasrepondre",
            "ne-pas-repondre",
        ),
    }
)


def reserve_automatic_mail(address: str, mailboxes: Sequence[Channel], *, now: datetime) -> bool:
    """Tell whether software may write to this address of itself, and count that it does.

    It never writes to one of our own `mailboxes`.
    """
    if not is_read_by_person(address) or is_mailbox_address(address, mailboxes):
        return False
    return not rate_limits.count_and_find_exceeded(build_limits(address), now=now)


def is_read_by_person(address: str) -> bool:
    """Tell whether a person may read there: nobody reads what software writes to a role address."""
    return address.lower().partition("@")[0].partition("+")[0] not in ROLE_ADDRESSES


def pause_automatic_mail(address: str, *, now: datetime) -> None:
    """Send nothing by itself to an address for an hour: a machine may answer there."""
    rate_limits.block_key(f"quiet:{address}", until=now + HOUR)


def is_paused(address: str, *, now: datetime) -> bool:
    """Tell whether nothing may be sent to an address by itself just now."""
    return rate_limits.is_blocked(f"quiet:{address.lower()}", now=now)


def build_limits(address: str) -> list[rate_limits.Limit]:
    """Return the limits of acknowledgements to an address."""
    return [
        rate_limits.Limit(f"ack:{address.lower()}", MAX_PER_HOUR, HOUR),
        rate_limits.Limit(f"ack:{address.lower()}", MAX_PER_DAY, DAY),
    ]
