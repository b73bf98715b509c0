"""What software writes by itself: to whom it may, and how often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from tickets.limits import rate_limits
from tickets.models import Channel
from tickets.models.channels.company_mailboxes import is_among

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACKNOWLEDGED_AN_HOUR, ACKNOWLEDGED_A_DAY = 5, 20
ROLE_ADDRESSES = frozenset(
    {
        *("mailer-daemon", "postmaster", "hostmaster", "webmaster", "abuse", "root", "bounce", "bounces"),
    }
)
# Words of an address that says itself that nobody reads there, with or without marks between them.
_UNREAD = """
    no.?repl(?:y|ies)  noreply.*  do.?not.?(?:reply|respond|answer)  dont.?reply  not?.?respond  unattended
    ne.?pas.?r[eé]pondre  pas.?de.?r[eé]ponse  sans.?r[eé]ponse  no.?responder  no.?contestar
    nicht.?antworten  keine.?antwort  non.?rispondere  n[aã]o.?respond(?:a|er)  niet.?(?:be)?antwoorden
    ikke.?svar(?:e?)  ej.?svar  svara.?inte  nie.?odpowiadaj
"""
UNREAD = re.compile(rf"(?:^|[._+=-])(?:{'|'.join(_UNREAD.split())})(?:$|[._+=-]|\d)", re.IGNORECASE)


def may_answer(address: str, mailboxes: Sequence[Channel], *, now: datetime) -> bool:
    """Tell whether software may write to this address of itself, and count that it does.

    It never writes to one of our own `mailboxes`.
    """
    if not is_answerable(address) or is_among(address, mailboxes):
        return False
    return not rate_limits.beyond(answer_limits(address), now=now)


def is_answerable(address: str) -> bool:
    """Tell whether a person may read there: nobody reads what software writes to a role address."""
    local = address.lower().rpartition("@")[0]
    return local.partition("+")[0] not in ROLE_ADDRESSES and not UNREAD.search(local)


def keep_quiet(address: str, *, now: datetime) -> None:
    """Send nothing by itself to an address for an hour: a machine may answer there."""
    rate_limits.block(f"quiet:{address}", until=now + HOUR)


def is_quiet(address: str, *, now: datetime) -> bool:
    """Tell whether nothing may be sent to an address by itself just now."""
    return rate_limits.is_blocked(f"quiet:{address.lower()}", now=now)


def answer_limits(address: str) -> list[rate_limits.Limit]:
    """Return the limits of acknowledgements to an address."""
    return [
        rate_limits.Limit(f"ack:{address.lower()}", ACKNOWLEDGED_AN_HOUR, HOUR),
        rate_limits.Limit(f"ack:{address.lower()}", ACKNOWLEDGED_A_DAY, DAY),
    ]
