"""Limit the rate of mails to one domain, and pause if its server asks for it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tickets.limits import rate_limits
from tickets.models.channels.delivery_error import DeliveryError

MAX_PER_MINUTE = 60  # to one domain
MINUTE = timedelta(minutes=1)
PAUSE = timedelta(minutes=10)
# 421: the server closes the session. 4.7.x: its policy refuses the mail (RFC 3463). 450 and 451 with these
# words: greylisting or a rate limit.
TOO_FAST_CODE = re.compile(r"421|4\.7\.\d{1,3}")
TOO_FAST = re.compile(
    r"\b4\.7\.\d|too many|rate ?limit|throttl|try again later.*(?:limit|busy)", re.IGNORECASE
)
GREYLISTED = re.compile(r"grey|gray", re.IGNORECASE)


def reserve_departure(address: str, *, now: datetime) -> datetime:
    """Return when a mail to this address may be sent; if that is `now`, count it."""
    domain = _domain(address)
    paused_until = rate_limits.find_block_end(f"domain:{domain}", now=now)
    if paused_until is not None:
        return paused_until
    limit = rate_limits.Limit(f"domain:{domain}", MAX_PER_MINUTE, MINUTE)
    return limit.window(now) + MINUTE if rate_limits.count_and_find_exceeded([limit], now=now) else now


def pause_if_too_fast(address: str, error: DeliveryError, *, now: datetime) -> None:
    """Pause mail to the whole domain if its server says that we send too fast.

    Greylisting is no reason, since it applies to a single mail.
    """
    is_too_fast = TOO_FAST_CODE.fullmatch(error.code) or TOO_FAST.search(error.text)
    if is_too_fast and not GREYLISTED.search(error.text):
        rate_limits.block_key(f"domain:{_domain(address)}", until=now + PAUSE)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()[:100]
