"""What software writes by itself: to whom it may, and how two machines are kept from answering each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.limits import rate_limits
from tickets.models import Channel
from tickets.models.channels.company_mailboxes import is_among
from tickets.platform import crypto

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


@dataclass(frozen=True)
class Weighed:
    """What the counts say of a received mail: whether it is part of a loop, whether to thank for it."""

    is_loop: bool = False
    may_be_answered: bool = False


def may_answer(address: str, mailboxes: Sequence[Channel], *, now: datetime) -> bool:
    """Tell whether software may write to this address of itself, and count that it does.

    It never writes to one of our own `mailboxes`.
    """
    if not is_answerable(address) or is_among(address, mailboxes):
        return False
    return not rate_limits.beyond(_answers(address), now=now)


def is_answerable(address: str) -> bool:
    """Tell whether a person may read there: nobody reads what software writes to a role address."""
    return address.lower().partition("@")[0].partition("+")[0] not in ROLE_ADDRESSES


def weigh(
    address: str,
    subject: str,
    ticket_id: int | None,
    *,
    reopens: bool = False,
    wants_answer: bool = False,
    now: datetime,
) -> Weighed:
    """Count one more mail from a sender, in one statement, and say what the counts mean.

    Headers are not enough to tell two machines that answer each other: not every machine says that it is one.
    A sender of many different mails is no loop, but nothing is sent to them by itself for an hour; the same
    subject again and again is one, and so is a ticket written to every minute, or opened again and again.
    With `wants_answer` an acknowledgement is counted too.
    """
    every = rate_limits.Limit(f"from:{address}", FROM_ONE_SENDER_AN_HOUR, HOUR)
    loops = [
        rate_limits.Limit(f"on:{ticket_id}:{address}", ON_ONE_TICKET_IN_TEN_MINUTES, TEN_MINUTES)
        if ticket_id is not None
        else rate_limits.Limit(f"same:{_digest(address, subject)}", FROM_ONE_SENDER_AN_HOUR, HOUR)
    ]
    if ticket_id is not None and reopens:
        loops.append(rate_limits.Limit(f"reopened:{ticket_id}", REOPENED_AN_HOUR, HOUR))
    answers = _answers(address) if wants_answer and is_answerable(address) else []
    exceeded = set(rate_limits.beyond([every, *loops, *answers], now=now))
    if exceeded & {every, *loops}:
        rate_limits.block(f"quiet:{address}", until=now + HOUR)
    return Weighed(bool(exceeded & set(loops)), bool(answers) and not exceeded & set(answers))


def is_quiet(address: str, *, now: datetime) -> bool:
    """Tell whether nothing may be sent to an address by itself just now."""
    return rate_limits.is_blocked(f"quiet:{address.lower()}", now=now)


def _answers(address: str) -> list[rate_limits.Limit]:
    return [
        rate_limits.Limit(f"ack:{address.lower()}", ACKNOWLEDGED_AN_HOUR, HOUR),
        rate_limits.Limit(f"ack:{address.lower()}", ACKNOWLEDGED_A_DAY, DAY),
    ]


def _digest(address: str, subject: str) -> str:
    return crypto.digest(f"{address} {' '.join(subject.lower().split())}")[:40]
