"""Business time as pure arithmetic: opening intervals between absolute instants, and a clock over them.

The clock runs only inside the intervals. `read_clock(t)` is the number of open seconds before `t` (a prefix
sum over the intervals). A duration is the difference of two readings, and a due date the inverse of a
reading. Absolute instants need no special case for the nights on which daylight saving time changes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Interval:
    """An open span between two aware instants; `close_at` itself is outside."""

    open_at: datetime
    close_at: datetime

    @property
    def seconds(self) -> float:
        return (self.close_at - self.open_at).total_seconds()


@dataclass(frozen=True)
class Rule:
    """One span of a weekday (0 is Monday) in wall-clock time.

    It closes on the same day. `closes` at 00:00 means the end of the day; if it is before `opens`, it is a
    time of the next day.
    """

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Hours:
    """Opening hours as a value: sorted, disjoint intervals; or always open."""

    intervals: tuple[Interval, ...] = ()
    is_always_open: bool = False

    def read_clock(self, at: datetime) -> float:
        """Return the open seconds before `at`; if always open, the seconds since 1970."""
        if self.is_always_open:
            return at.timestamp()
        place = bisect_right(self._opens, at) - 1
        if place < 0:
            return 0.0
        last = self.intervals[place]
        return self._before[place] + Interval(last.open_at, min(at, last.close_at)).seconds

    def seconds_between(self, start: datetime, end: datetime) -> float:
        """Return the open seconds from `start` to `end`; 0 if `end` is before `start`."""
        return max(0.0, self.read_clock(end) - self.read_clock(start))

    def find_due_moment(self, start: datetime, seconds: float) -> datetime | None:
        """Return the moment at which `seconds` of open time have passed since `start`.

        None if the known intervals end before that.
        """
        if self.is_always_open or seconds <= 0:
            return start + timedelta(seconds=max(0.0, seconds))
        target = self.read_clock(start) + seconds
        place = bisect_left(self._before, target) - 1  # the last interval with fewer seconds before it
        if place < 0 or target > self._before[place] + self.intervals[place].seconds:
            return None
        return self.intervals[place].open_at + timedelta(seconds=target - self._before[place])

    def is_open(self, at: datetime) -> bool:
        """Tell whether `at` lies in an open interval."""
        if self.is_always_open:
            return True
        place = bisect_right(self._opens, at) - 1
        return place >= 0 and at < self.intervals[place].close_at

    def find_next_opening(self, at: datetime) -> datetime | None:
        """Return `at` itself if it is open then, else the next opening, or None if none is known."""
        if self.is_open(at):
            return at
        place = bisect_right(self._opens, at)
        return self.intervals[place].open_at if place < len(self.intervals) else None

    def find_closing_time(self, at: datetime) -> datetime | None:
        """Return the end of the interval that contains `at`; None if closed or always open."""
        if self.is_always_open or not self.is_open(at):
            return None
        return self.intervals[bisect_right(self._opens, at) - 1].close_at

    @cached_property
    def _opens(self) -> list[datetime]:
        return [interval.open_at for interval in self.intervals]

    @cached_property
    def _before(self) -> list[float]:
        return compute_prefix_sums(self.intervals)


ALWAYS_OPEN = Hours(is_always_open=True)


def compute_prefix_sums(intervals: Sequence[Interval]) -> list[float]:
    """Return for each interval the sum of the seconds of the intervals before it."""
    return [0.0, *accumulate(interval.seconds for interval in intervals)][: len(intervals)]


def build_intervals(
    rules: Iterable[Rule], *, zone: ZoneInfo, first: date, last: date, closed_days: Iterable[date] = ()
) -> list[Interval]:
    """Return the intervals of weekly rules from `first` to `last` (dates in `zone`, both included).

    Closed days are removed from midnight to midnight. Spans that touch or overlap become one. A wall-clock
    time that occurs twice, in the night when summer time ends, means the first of the two.
    """
    by_weekday: dict[int, list[Rule]] = {}
    for rule in rules:
        by_weekday.setdefault(rule.weekday, []).append(rule)
    spans = [
        _span(rule, day, zone) for day in _days(first, last) for rule in by_weekday.get(day.weekday(), [])
    ]
    closed = [
        Interval(_instant(day, MIDNIGHT, zone), _instant(day + DAY, MIDNIGHT, zone)) for day in closed_days
    ]
    return _subtract(merge_intervals(spans), merge_intervals(closed))


def merge_intervals(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same open time as sorted intervals that neither overlap nor touch, without empty ones."""
    result: list[Interval] = []
    for interval in sorted(i for i in intervals if i.open_at < i.close_at):
        if result and interval.open_at <= result[-1].close_at:
            result[-1] = Interval(result[-1].open_at, max(result[-1].close_at, interval.close_at))
        else:
            result.append(interval)
    return result


def splice_intervals(past: Iterable[Interval], future: Iterable[Interval], *, at: datetime) -> list[Interval]:
    """Return the part of `past` before `at`, and the part of `future` from `at` on."""
    before = (Interval(i.open_at, min(i.close_at, at)) for i in past)
    after = (Interval(max(i.open_at, at), i.close_at) for i in future)
    return merge_intervals([*before, *after])


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _span(rule: Rule, day: date, zone: ZoneInfo) -> Interval:
    end = day + DAY if rule.closes <= rule.opens else day
    return Interval(_instant(day, rule.opens, zone), _instant(end, rule.closes, zone))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _subtract(spans: Iterable[Interval], closed: Sequence[Interval]) -> list[Interval]:
    """Return `spans` without `closed`; both are sorted and disjoint."""
    result, ends = [], [gap.close_at for gap in closed]
    for span in spans:
        start = span.open_at
        for gap in closed[bisect_left(ends, start) :]:
            if gap.open_at >= span.close_at:
                break
            result.append(Interval(start, gap.open_at))
            start = max(start, gap.close_at)
        result.append(Interval(start, span.close_at))
    return [interval for interval in result if interval.open_at < interval.close_at]
