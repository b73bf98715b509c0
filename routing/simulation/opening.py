"""Opening hours on a simulated day's clock: open seconds between two moments, and the next opening."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate

from tickets.hours.business_time import ALWAYS_OPEN, Hours, Interval


class Opening:
    """The openings of one queue, in seconds since the day began; with none it is always open."""

    def __init__(self, spans: Sequence[tuple[float, float]] = ()) -> None:
        self._spans = tuple(spans)
        self._begins = [begin for begin, _ in self._spans]
        self._before = [0.0, *accumulate(end - begin for begin, end in self._spans)]

    def between(self, begin: float, end: float) -> float:
        """Return the open seconds from `begin` to `end`."""
        return self._clock(end) - self._clock(begin) if self._spans else end - begin

    def next_after(self, moment: float) -> float | None:
        """Return when it opens next, None where it never does again or never closes."""
        place = bisect_right(self._begins, moment)
        return self._begins[place] if place < len(self._begins) else None

    def hours(self, starts_at: float) -> Hours:
        """Return the openings as promises take them; `starts_at` is the day's begin since 1970."""
        if not self._spans:
            return ALWAYS_OPEN
        moments = [(_moment(starts_at + begin), _moment(starts_at + end)) for begin, end in self._spans]
        return Hours(tuple(Interval(begin, end) for begin, end in moments))

    def _clock(self, moment: float) -> float:
        place = bisect_right(self._begins, moment) - 1
        if place < 0:
            return 0.0
        begin, end = self._spans[place]
        return self._before[place] + min(moment, end) - begin


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
