"""How fast one mail domain is written to: a bounded rate, and a pause when its server asks for one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tickets.limits import rate_limits
from tickets.models.channels.delivery_error import DeliveryError

MAX_PER_MINUTE = 60  # mails to one domain
MINUTE = timedelta(minutes=1)
PAUSE = timedelta(minutes=10)
# 421 closes the session, 4.7.x is a matter of policy, 450/451 with these words is greylisting or a limit.
TOO_FAST_CODE = re.compile(r"421|4\.7\.\d{1,3}")
TOO_FAST = re.compile(
    r"\b4\.7\.\d|too many|rate ?limit|throttl|try again later.*(?:limit|busy)", re.IGNORECASE
)
GREYLISTED = re.compile(r"grey|gray", re.IGNORECASE)


def reserve_departure(address: str, *, now: datetime) -> datetime:
    """Return when a mail to this address may leave, and count it when that is now."""
    domain = _domain(address)
    paused_until = rate_limits.find_block_end(f"domain:{domain}", now=now)
    if paused_until is not None:
        return paused_until
    limit = rate_limits.Limit(f"domain:{domain}", MAX_PER_MINUTE, MINUTE)
    return limit.window(now) + MINUTE if rate_limits.count_and_find_exceeded([limit], now=now) else now


def pause_if_too_fast(address: str, error: DeliveryError, *, now: datetime) -> None:
    """Pause the whole domain when its server says that we are too fast; greylisting means one mail only."""
    is_too_fast = TOO_FAST_CODE.fullmatch(error.code) or TOO_FAST.search(error.text)
    if is_too_fast and not GREYLISTED.search(error.text):
        rate_limits.block_key(f"domain:{_domain(address)}", until=now + PAUSE)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()[:100]
