"""When a promise cannot be counted on any more, and what is said then: pure, for simulated days as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.hours.business_time import Hours

MAX_CHANGES = 2  # a third new time would be worth nothing: the page then says that we are late
ENDANGERED_SHARE = 0.8
MIN_INTERVAL = timedelta(hours=1)  # of open time between two new times for one request
MIN_LIVE_INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True)
class StandingPromise:
    """A promise that stands: since when its time runs, until when, and what was told before it."""

    begins_at: datetime
    due_at: datetime
    made_at: datetime
    changes: int = 0
    is_answer: bool = True


@dataclass(frozen=True)
class ExpectedRange:
    """From when until when an answer is expected now: its middle and its end."""

    from_at: datetime
    until_at: datetime


def is_endangered(
    promise: StandingPromise, expected: ExpectedRange | None, hours: Hours, *, now: datetime
) -> bool:
    """Tell whether a promise cannot be counted on any more.

    It cannot when it is late; when most of its time has passed and what is left may not be enough; and before
    that, when more likely than not nobody answers by then.
    """
    if promise.due_at <= now:
        return True
    if _compute_elapsed_share(promise, hours, now=now) >= ENDANGERED_SHARE:
        return expected is None or expected.until_at > promise.due_at
    return promise.is_answer and expected is not None and expected.from_at > promise.due_at


def may_change_now(promise: StandingPromise, hours: Hours, *, is_live: bool, now: datetime) -> bool:
    """Tell whether another time may be said: not too often, nor too soon after the last."""
    if promise.changes >= MAX_CHANGES:
        return False
    since = hours.seconds_between(promise.made_at, now)
    return promise.changes == 0 or since >= _choose_interval(is_live).total_seconds()


def choose_new_range(expected: ExpectedRange, hours: Hours, *, is_live: bool, now: datetime) -> ExpectedRange:
    """Return what is promised instead: so far away that it need not be changed again at once."""
    least = hours.find_due_moment(now, _choose_interval(is_live).total_seconds() / ENDANGERED_SHARE)
    until_at = max(expected.until_at, least or expected.until_at)
    return ExpectedRange(max(now, min(expected.from_at, until_at)), until_at)


def _compute_elapsed_share(promise: StandingPromise, hours: Hours, *, now: datetime) -> float:
    """Return which part of a promise's open time has passed."""
    whole = hours.seconds_between(promise.begins_at, promise.due_at)
    if whole > 0:
        return hours.seconds_between(promise.begins_at, now) / whole
    whole = (promise.due_at - promise.begins_at).total_seconds()  # outside the hours that are known now
    return (now - promise.begins_at).total_seconds() / whole if whole > 0 else 1.0


def _choose_interval(is_live: bool) -> timedelta:
    return MIN_LIVE_INTERVAL if is_live else MIN_INTERVAL
