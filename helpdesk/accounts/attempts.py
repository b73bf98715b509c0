"""Limits for tries of passwords and codes, and for requests of a new password.

Limits slow down the stranger and not the owner. A browser in which the account signed in before has a small
budget of its own for it, which nobody else can use up. From every other browser, tries are counted by
network, and for the account over all networks: beyond that, each network gets its turn after a short wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import ngettext

from helpdesk.accounts import devices
from tickets.customers.mail_addresses import find_request_network
from tickets.errors import TooMany
from tickets.limits import rate_limits
from tickets.limits.rate_limits import Limit
from tickets.platform import crypto

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEW_MINUTES, QUARTER = 5 * MINUTE, 15 * MINUTE
TURN_EVERY = timedelta(seconds=10)
FIRST_TURN_AFTER = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=3)


class MustWaitError(TooMany):
    """This network's turn for the account comes later."""

    def __init__(self, wait: timedelta) -> None:
        seconds = int(wait.total_seconds()) + 1
        sentence = ngettext(
            "Many wrong passwords were tried for this account. Wait %(seconds)s second and sign in again, "
            "or choose a new password by mail.",
            "Many wrong passwords were tried for this account. Wait %(seconds)s seconds and sign in again, "
            "or choose a new password by mail.",
            seconds,
        )
        super().__init__(sentence % {"seconds": seconds})


@dataclass(frozen=True)
class Attempt:
    """One try that was let through; it stays counted unless it succeeds."""

    limits: Sequence[Limit]
    now: datetime

    def succeed(self) -> None:
        """Count it no longer."""
        rate_limits.uncount_hits(self.limits, now=self.now)


def begin_password(request: HttpRequest, email: str, *, now: datetime) -> Attempt:
    """Count one try of a password for an account, whether or not there is one.

    Raises:
        MustWaitError: too many tries for this account; the sentence says how long to wait.
        TooMany: too many tries by this browser or network, or too many networks are waiting.
    """
    account, device = _account(email), devices.recognise_device(request, email)
    if device:
        own = [Limit(f"password/device/{device}/{account}", 10, QUARTER)]
        rate_limits.enforce_limits(own, now=now)
        return Attempt(own, now)
    network = find_request_network(request)
    near = _near("password", network, account)
    rate_limits.enforce_limits(near, now=now)
    everywhere = Limit(f"password/account/{account}", 30, QUARTER)
    if rate_limits.count_and_find_exceeded([everywhere], now=now):
        _wait_for_turn(account, network, near, now=now)
    return Attempt([*near, everywhere], now)


def begin_code(request: HttpRequest, email: str, *, now: datetime) -> Attempt:
    """Count one try of a second factor's code. Raises TooMany.

    A code is short: the account's budget is a hard one. It can be used up only by somebody who knows the
    password, whom a new password throws out.
    """
    account, device = _account(email), devices.recognise_device(request, email)
    if device:
        key = f"code/device/{device}/{account}"
        limits = [Limit(key, 5, FEW_MINUTES), Limit(key, 50, DAY), Limit(f"code/known/{account}", 100, DAY)]
    else:
        key = f"code/account/{account}"
        near = _near("code", find_request_network(request), account)
        limits = [*near, Limit(key, 10, QUARTER), Limit(key, 50, DAY)]
    rate_limits.enforce_limits(limits, now=now)
    return Attempt(limits, now)


def ask_for_new_password(request: HttpRequest, email: str, *, now: datetime) -> None:
    """Count a request for a new password, whether the account exists or not. Raises TooMany."""
    if not devices.recognise_device(request, email):
        rate_limits.enforce_limit(
            f"new-password/place/{find_request_network(request)}", limit=20, per=MINUTE, now=now
        )


def may_mail_new_password(request: HttpRequest, email: str, *, now: datetime) -> bool:
    """Tell whether one more link to a new password may be mailed to an account, and count it.

    A link lives for an hour, so that where the budget of an hour is used up, one that works has arrived.
    """
    account, device = _account(email), devices.recognise_device(request, email)
    key = f"new-password/device/{device}/{account}" if device else f"new-password/account/{account}"
    return rate_limits.count_and_check(key, limit=3, per=HOUR, now=now)


def _near(what: str, network: str, account: str) -> list[Limit]:
    """Return the budgets of one network: over all accounts, and for this one."""
    return [
        Limit(f"{what}/place/{network}", 10, MINUTE),
        Limit(f"{what}/place/{network}", 60, HOUR),
        Limit(f"{what}/place/{network}/{account}", 5, FEW_MINUTES),
    ]


def _wait_for_turn(account: str, network: str, near: Sequence[Limit], *, now: datetime) -> None:
    """Return when this network's turn has come. Raises MustWaitError or TooMany; asking counts as no try."""
    try:
        wait = rate_limits.reserve_turn(
            f"password/{account}",
            network,
            first_after=FIRST_TURN_AFTER,
            every=TURN_EVERY,
            longest=LONGEST_WAIT,
            now=now,
        )
    except TooMany:
        rate_limits.uncount_hits(near, now=now)
        raise
    if wait:
        rate_limits.uncount_hits(near, now=now)
        raise MustWaitError(wait)


def _account(email: str) -> str:
    return crypto.digest(email.strip().lower())[:32]
