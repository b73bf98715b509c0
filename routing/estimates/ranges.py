"""The estimate behind a promise, pure: from the waits of the latest answers, or from the plan.

Nothing here reads rows or a clock, so that simulated days are promised what real ones are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tickets.hours.business_time import Hours

ENOUGH = 20
CERTAINTY, PLANNED_CERTAINTY = 0.8, 0.6
SHORTEST = timedelta(minutes=15)
SHORTEST_LIVE = timedelta(minutes=1)
LONGEST_LIVE = timedelta(minutes=30)


class Answers(NamedTuple):
    """How many answers are on record, and the median and 80th percentile of their waits in seconds."""

    n: float
    half: float | None
    most: float | None


class Staff(NamedTuple):
    """Who is there now, how many work whenever they sign in, the next shift, and what waits ahead.

    Asked of live work, those there take it, only live work is ahead, and `hands` says how many pieces more
    of it they could take this moment, of `places` in all.
    """

    there: int
    free: int
    next_shift: datetime | None
    ahead: int
    hands: int = 0
    places: int = 0

    @property
    def is_waited_for(self) -> bool:
        """Whether an agent is free for an item that arrives now."""
        return self.hands > self.ahead


@dataclass(frozen=True)
class Range:
    """From when until when a person will answer, and how sure that is (0 to 1)."""

    from_at: datetime
    until_at: datetime
    certainty: float


def staffed_from(staff: Staff, hours: Hours, now: datetime, *, is_live: bool) -> datetime | None:
    """Return when an agent is present: now, at the next shift, or at the next opening.

    Nobody can say: None. For live work too where nobody can talk now; mail or a call back is honest then.
    """
    if staff.there:
        return now
    if is_live:
        return None
    opening_at = hours.find_next_opening(now) if staff.free and not hours.is_always_open else None
    moments = [moment for moment in (staff.next_shift, opening_at) if moment is not None]
    return min(moments, default=None)


def from_answers(answers: Answers, hours: Hours, starts: datetime, *, is_live: bool) -> Range | None:
    """Reach from the median of the latest answers to their 80th percentile, in open time."""
    half, most = timedelta(seconds=answers.half or 0.0), timedelta(seconds=answers.most or 0.0)
    return _range(hours, starts, half, most, CERTAINTY, is_live=is_live)


def from_plan(
    staff: Staff,
    hours: Hours,
    starts: datetime,
    *,
    handling_seconds: float,
    target_seconds: float,
    is_live: bool,
) -> Range | None:
    """Estimate by work ahead, shared by those there, each piece at its usual length; at most the target.

    Live work waits for as many pieces to end as there are hands too few, and for nothing where one is free.
    """
    if is_live:
        share = max(0, staff.ahead + 1 - staff.hands) / max(1, staff.places)
    else:
        share = (staff.ahead + 1) / max(1, staff.there or staff.free)
    soon = timedelta(seconds=handling_seconds * share)
    most = max(soon * 2, timedelta(seconds=target_seconds) if not is_live else SHORTEST_LIVE)
    return _range(hours, starts, soon, most, PLANNED_CERTAINTY, is_live=is_live)


def expected(
    answers: Answers,
    staff: Staff,
    hours: Hours,
    starts: datetime,
    plan: Callable[[], Range | None],
    *,
    is_live: bool,
) -> tuple[Range | None, str]:
    """Return the range for what comes now, and what it rests on: "answers", or "plan", which is asked lazily.

    Live work that finds a hand free is answered at once, however long the latest waited; else the later one
    of both counts, since the latest answers do not know how many wait now.
    """
    if answers.n < ENOUGH or (is_live and staff.is_waited_for):
        return plan(), "plan"
    answered = from_answers(answers, hours, starts, is_live=is_live)
    if not is_live:
        return answered, "answers"
    planned = plan()
    if planned is None or answered is None:
        return None, "answers"
    return max(planned, answered, key=lambda reach: reach.until_at), "answers"


def _range(
    hours: Hours, starts: datetime, half: timedelta, most: timedelta, certainty: float, *, is_live: bool
) -> Range | None:
    """Return the range as moments; a live wait beyond half an hour is not promised."""
    if is_live:
        if most > LONGEST_LIVE:
            return None
        return Range(starts + half, starts + max(most, SHORTEST_LIVE), certainty)
    until = hours.find_due_moment(starts, max(most, SHORTEST).total_seconds())
    first = hours.find_due_moment(starts, half.total_seconds())
    if until is None:
        return None
    return Range(min(first or until, until), until, certainty)
