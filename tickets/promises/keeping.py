"""Rules for promises that may be broken: when to inform the customer, and which new time to promise.

Pure functions: simulated days use them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.hours.business_time import Hours

MAX_CHANGES = 2  # nobody would trust a third new time: the page then says that we are late
ENDANGERED_SHARE = 0.8
MIN_INTERVAL = timedelta(hours=1)  # of open time between two new times for one request
MIN_LIVE_INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True)
class StandingPromise:
    """An open promise: its range, when it was made, and how many promises it replaced.

    `is_answer`: it promises an answer, not a call.
    """

    begins_at: datetime
    due_at: datetime
    made_at: datetime
    changes: int = 0
    is_answer: bool = True


@dataclass(frozen=True)
class ExpectedRange:
    """The present estimate: the probable moment of the answer (`from_at`), and its latest one."""

    from_at: datetime
    until_at: datetime


def is_endangered(
    promise: StandingPromise, expected: ExpectedRange | None, hours: Hours, *, now: datetime
) -> bool:
    """Tell whether a promise will probably be broken.

    It is endangered if it is overdue. If 80 % of its open time has passed, it also is if no answer is
    expected by its end. Before that, only if the answer will more probably come after its end than before it.
    """
    if promise.due_at <= now:
        return True
    if _compute_elapsed_share(promise, hours, now=now) >= ENDANGERED_SHARE:
        return expected is None or expected.until_at > promise.due_at
    return promise.is_answer and expected is not None and expected.from_at > promise.due_at


def may_change_now(promise: StandingPromise, hours: Hours, *, is_live: bool, now: datetime) -> bool:
    """Tell whether a new time may be promised: at most MAX_CHANGES, with an interval of open time between."""
    if promise.changes >= MAX_CHANGES:
        return False
    since = hours.seconds_between(promise.made_at, now)
    return promise.changes == 0 or since >= _choose_interval(is_live).total_seconds()


def choose_new_range(expected: ExpectedRange, hours: Hours, *, is_live: bool, now: datetime) -> ExpectedRange:
    """Return the range to promise instead. It is long enough not to be endangered again at once."""
    least = hours.find_due_moment(now, _choose_interval(is_live).total_seconds() / ENDANGERED_SHARE)
    until_at = max(expected.until_at, least or expected.until_at)
    return ExpectedRange(max(now, min(expected.from_at, until_at)), until_at)


def _compute_elapsed_share(promise: StandingPromise, hours: Hours, *, now: datetime) -> float:
    """Return the share (0 to 1, or more if overdue) of a promise's open time that has passed."""
    whole = hours.seconds_between(promise.begins_at, promise.due_at)
    if whole > 0:
        return hours.seconds_between(promise.begins_at, now) / whole
    whole = (promise.due_at - promise.begins_at).total_seconds()  # no open time in its range: use plain time
    return (now - promise.begins_at).total_seconds() / whole if whole > 0 else 1.0


def _choose_interval(is_live: bool) -> timedelta:
    return MIN_LIVE_INTERVAL if is_live else MIN_INTERVAL
