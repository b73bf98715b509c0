"""Forecast the answer to somebody who waits already, from the latest answers and the other waits."""

from __future__ import annotations

from datetime import datetime

from routing.estimates import ranges, waits
from routing.estimates.lately import load_waits
from routing.estimates.ranges import ENOUGH
from routing.estimates.spread import Spread
from tickets.hours import opening_hours
from tickets.models import Queue
from tickets.promises.promises import Estimate, Remaining


def forecast(queue: Queue, *, is_live: bool, now: datetime) -> Remaining:
    """Return a function that estimates when somebody is answered who has waited since a moment.

    What is read is read once. Where somebody waits live, nobody is there, or few answers are on record, it is
    estimated as if it came now.
    """
    arriving = waits.estimate_answer(queue, is_live=is_live, now=now)
    if arriving is None or is_live or not arriving.basis["there"]:
        return lambda _since: arriving
    lately = load_waits(queue, now=now)
    if len(lately.answered) < ENOUGH:
        return lambda _since: arriving
    spread = Spread(*lately)
    hours = opening_hours.load_queue_hours(queue, now=now)

    def remaining(since: datetime) -> Estimate | None:
        answers = spread.still_to_wait(hours.seconds_between(since, now))
        starts = hours.find_next_opening(now) or now
        reach = ranges.estimate_from_answers(answers, hours, starts, is_live=False)
        return Estimate(reach.from_at, reach.until_at, reach.certainty, arriving.basis) if reach else None

    return remaining
