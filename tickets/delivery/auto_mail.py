"""Automatic mail: to which addresses it may be sent, and how often."""

from __future__ import annotations

import re
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


def reserve_automatic_mail(address: str, mailboxes: Sequence[Channel], *, now: datetime) -> bool:
    """Check whether an automatic mail to this address is allowed, and count it against the limits.

    Never allowed to role addresses (noreply@…) and to our own `mailboxes`.
    """
    if not is_read_by_person(address) or is_mailbox_address(address, mailboxes):
        return False
    return not rate_limits.count_and_find_exceeded(build_limits(address), now=now)


def is_read_by_person(address: str) -> bool:
    """Tell whether a person may read mail at this address: not if it is a role address (noreply@…)."""
    local = address.lower().rpartition("@")[0]
    return local.partition("+")[0] not in ROLE_ADDRESSES and not UNREAD.search(local)


def pause_automatic_mail(address: str, *, now: datetime) -> None:
    """Stop automatic mail to an address for an hour, because a machine may be answering there."""
    rate_limits.block_key(f"quiet:{address}", until=now + HOUR)


def is_paused(address: str, *, now: datetime) -> bool:
    """Tell whether automatic mail to an address is stopped at `now`."""
    return rate_limits.is_blocked(f"quiet:{address.lower()}", now=now)


def build_limits(address: str) -> list[rate_limits.Limit]:
    """Return the limits of automatic mail to an address: 5 an hour and 20 a day."""
    return [
        rate_limits.Limit(f"ack:{address.lower()}", MAX_PER_HOUR, HOUR),
        rate_limits.Limit(f"ack:{address.lower()}", MAX_PER_DAY, DAY),
    ]
