"""What software writes by itself: to whom it may, and how two machines are kept from answering each other."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models.functions import Lower

from tickets import crypto, rates
from tickets.models import Channel

HOUR, DAY, TEN_MINUTES = timedelta(hours=1), timedelta(days=1), timedelta(minutes=10)
ACKNOWLEDGED_AN_HOUR, ACKNOWLEDGED_A_DAY = 5, 20
FROM_ONE_SENDER_AN_HOUR = 20
ON_ONE_TICKET_IN_TEN_MINUTES = 10
REOPENED_AN_HOUR = 3
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


def may_answer(address: str, *, now: datetime) -> bool:
    """Tell whether software may write to this address of itself, and count that it does."""
    address = address.lower()
    if address.partition("@")[0].partition("+")[0] in ROLE_ADDRESSES or is_own_mailbox(address):
        return False
    limits = [
        rates.Limit(f"ack:{address}", ACKNOWLEDGED_AN_HOUR, HOUR),
        rates.Limit(f"ack:{address}", ACKNOWLEDGED_A_DAY, DAY),
    ]
    return not rates.beyond(limits, now=now)


def is_own_mailbox(address: str) -> bool:
    """Tell whether an address, with or without a part after a plus sign, is one of our mailboxes."""
    local, _, domain = address.lower().rpartition("@")
    bare = f"{local.partition('+')[0]}@{domain}"
    return Channel.objects.annotate(plain=Lower("address")).filter(slug="email", plain=bare).exists()


def seems_to_loop(address: str, subject: str, ticket_id: int | None, *, reopens: bool, now: datetime) -> bool:
    """Count one more mail from a sender and tell whether so many can only be two machines.

    Headers are not enough: not every machine says that it is one. A sender of many different mails is no
    loop, but nothing is sent to them by itself for an hour; the same subject again and again is one, and so
    is a ticket that is written to every minute, or opened again and again.
    """
    every = rates.Limit(f"from:{address}", FROM_ONE_SENDER_AN_HOUR, HOUR)
    loops = [
        rates.Limit(f"on:{ticket_id}:{address}", ON_ONE_TICKET_IN_TEN_MINUTES, TEN_MINUTES)
        if ticket_id is not None
        else rates.Limit(f"same:{_digest(address, subject)}", FROM_ONE_SENDER_AN_HOUR, HOUR)
    ]
    if ticket_id is not None and reopens:
        loops.append(rates.Limit(f"reopened:{ticket_id}", REOPENED_AN_HOUR, HOUR))
    exceeded = rates.beyond([every, *loops], now=now)
    if exceeded:
        rates.block(f"quiet:{address}", until=now + HOUR)
    return any(limit in loops for limit in exceeded)


def is_quiet(address: str, *, now: datetime) -> bool:
    """Tell whether nothing may be sent to an address by itself just now."""
    return rates.is_blocked(f"quiet:{address.lower()}", now=now)


def _digest(address: str, subject: str) -> str:
    return crypto.digest(f"{address} {' '.join(subject.lower().split())}")[:40]
