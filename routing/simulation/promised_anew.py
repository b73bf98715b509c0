"""Promises of a simulated day that cannot be kept, and are replaced by the product's own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from routing.estimates import ranges
from routing.estimates.ranges import ENOUGH
from routing.estimates.spread import Spread
from routing.simulation.desk import Job
from tickets.hours.business_time import ALWAYS_OPEN, Hours
from tickets.promises import keeping
from tickets.promises.keeping import ExpectedRange, StandingPromise


@dataclass(frozen=True)
class Told:
    """Of written requests promised with 80 % certainty: how many, and shares of them from 0 to 1.

    `kept` by the first time they were told, `kept_at_last` by the last one; `changed` were told another time,
    and `warned` is the share of those whose first time passed that were told so before.
    """

    promises: int
    kept: float
    kept_at_last: float
    changed: float
    warned: float


@dataclass(frozen=True)
class _Promised:
    first_due: float
    standing: StandingPromise
    was_warned: bool = False


class PromisedAnew:
    """Watches the promises of a day; moments are seconds since its start."""

    def __init__(self, starts_at: float) -> None:
        self._starts_at = starts_at
        self._promised: dict[Job, _Promised] = {}
        self._open: set[Job] = set()

    def watch(self, job: Job, now: float, until: float, *, is_certain: bool) -> None:
        """Watch a promise that has just been made; those said with less certainty are not reported."""
        if is_certain:
            made = self._moment(now)
            self._promised[job] = _Promised(until, StandingPromise(made, self._moment(until), made))
            self._open.add(job)

    def answered(self, job: Job) -> None:
        """Stop watching a request, since a person has answered."""
        self._open.discard(job)

    def look(self, now: float, spreads: Mapping[int, Spread], hours: Mapping[int, Hours]) -> None:
        """Replace promises that are at risk; `spreads` are each queue's waits in open seconds."""
        for job in self._open:
            spread = spreads.get(job.contact.queue)
            if spread is not None and spread.answers().n >= ENOUGH:
                self._look_at(job, now, spread, hours.get(job.contact.queue, ALWAYS_OPEN))

    def told(self, answered_at: Callable[[Job], float | None], *, end: float) -> Told:
        """Return the statistics of the promises that were due within the day."""
        rows = [(answered_at(job), one) for job, one in self._promised.items()]
        first = [(at, one) for at, one in rows if at is not None or one.first_due <= end]
        last = [(at, one) for at, one in rows if at is not None or self._last_due(one) <= end]
        broken = [one for at, one in first if at is None or at > one.first_due]
        return Told(
            promises=len(first),
            kept=_share([at is not None and at <= one.first_due for at, one in first]),
            kept_at_last=_share([at is not None and at <= self._last_due(one) for at, one in last]),
            changed=_share([one.standing.changes > 0 for _at, one in first]),
            warned=_share([one.was_warned for one in broken]),
        )

    def _look_at(self, job: Job, now: float, spread: Spread, hours: Hours) -> None:
        one, moment = self._promised[job], self._moment(now)
        if not keeping.may_change_now(one.standing, hours, is_live=False, now=moment):
            return
        waited = hours.seconds_between(self._moment(job.at), moment)
        still = spread.still_to_wait(waited)
        reach = ranges.estimate_from_answers(
            still, hours, hours.find_next_opening(moment) or moment, is_live=False
        )
        expected = ExpectedRange(reach.from_at, reach.until_at) if reach else None
        if expected is None or not keeping.is_endangered(one.standing, expected, hours, now=moment):
            return
        anew = keeping.choose_new_range(expected, hours, is_live=False, now=moment)
        self._promised[job] = replace(
            one,
            standing=StandingPromise(moment, anew.until_at, moment, one.standing.changes + 1),
            was_warned=one.was_warned or now <= one.first_due,
        )

    def _last_due(self, one: _Promised) -> float:
        return one.standing.due_at.timestamp() - self._starts_at

    def _moment(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(self._starts_at + seconds, UTC)


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 1.0
