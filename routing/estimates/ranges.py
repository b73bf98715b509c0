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
    """Agents present (`there`), agents without fixed shifts (`free`), the next shift, and items `ahead`.

    For live work, only agents who take it and only live items count. `free_capacity` is the number of items
    that they could take at this moment, and `places` their total capacity.
    """

    there: int
    free: int
    next_shift: datetime | None
    ahead: int
    free_capacity: int = 0
    places: int = 0

    @property
    def is_somebody_free(self) -> bool:
        """Whether an agent is free for an item that arrives now."""
        return self.free_capacity > self.ahead


@dataclass(frozen=True)
class Range:
    """The range of time in which a person will answer, with its probability (0 to 1)."""

    from_at: datetime
    until_at: datetime
    certainty: float


def find_start(staff: Staff, hours: Hours, now: datetime, *, is_live: bool) -> datetime | None:
    """Return when an agent is present: now, at the next shift, or at the next opening.

    None if that is unknown, and for live work also if nobody can take it now.
    """
    if staff.there:
        return now
    if is_live:
        return None
    opening_at = hours.find_next_opening(now) if staff.free and not hours.is_always_open else None
    moments = [moment for moment in (staff.next_shift, opening_at) if moment is not None]
    return min(moments, default=None)


def estimate_from_answers(answers: Answers, hours: Hours, starts: datetime, *, is_live: bool) -> Range | None:
    """Return the range from the median to the 80th percentile of the latest answers, in open time."""
    half, most = timedelta(seconds=answers.half or 0.0), timedelta(seconds=answers.most or 0.0)
    return _range(hours, starts, half, most, CERTAINTY, is_live=is_live)


def estimate_from_plan(
    staff: Staff,
    hours: Hours,
    starts: datetime,
    *,
    handling_seconds: float,
    target_seconds: float,
    is_live: bool,
) -> Range | None:
    """Estimate from the items ahead at their usual handling time, shared by the agents; at most the target.

    Live work waits until as many items end as capacity is missing; it does not wait if an agent is free.
    """
    if is_live:
        share = max(0, staff.ahead + 1 - staff.free_capacity) / max(1, staff.places)
    else:
        share = (staff.ahead + 1) / max(1, staff.there or staff.free)
    soon = timedelta(seconds=handling_seconds * share)
    most = max(soon * 2, timedelta(seconds=target_seconds) if not is_live else SHORTEST_LIVE)
    return _range(hours, starts, soon, most, PLANNED_CERTAINTY, is_live=is_live)


def choose_range(
    answers: Answers,
    staff: Staff,
    hours: Hours,
    starts: datetime,
    plan: Callable[[], Range | None],
    *,
    is_live: bool,
) -> tuple[Range | None, str]:
    """Return the range for an item that arrives now, and its method: "answers" or "plan" (called if needed).

    Live work is answered at once if an agent is free, however long the latest waits were. Otherwise the later
    of both ranges is used, since past answers do not tell how many wait now.
    """
    if answers.n < ENOUGH or (is_live and staff.is_somebody_free):
        return plan(), "plan"
    answered = estimate_from_answers(answers, hours, starts, is_live=is_live)
    if not is_live:
        return answered, "answers"
    planned = plan()
    if planned is None or answered is None:
        return None, "answers"
    return max(planned, answered, key=lambda reach: reach.until_at), "answers"


def _range(
    hours: Hours, starts: datetime, half: timedelta, most: timedelta, certainty: float, *, is_live: bool
) -> Range | None:
    """Return the range as moments; None for a live wait of more than half an hour, which is not promised."""
    if is_live:
        if most > LONGEST_LIVE:
            return None
        return Range(starts + half, starts + max(most, SHORTEST_LIVE), certainty)
    until = hours.find_due_moment(starts, max(most, SHORTEST).total_seconds())
    first = hours.find_due_moment(starts, half.total_seconds())
    if until is None:
        return None
    return Range(min(first or until, until), until, certainty)
