"""The time windows within opening hours in which customers can be called back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tickets import wording
from tickets.hours import opening_hours
from tickets.hours.business_time import Interval, Rule, build_intervals
from tickets.models import Queue

WINDOW = timedelta(hours=2)
MIN_LENGTH = timedelta(minutes=45)
NOTICE = timedelta(minutes=30)
AHEAD = timedelta(days=7)
MAX_WINDOWS = 16
QUARTER = 15 * 60
# Even if a queue is always open, nobody is called back at night.
DAYTIME = tuple(Rule(weekday, time(9), time(18)) for weekday in range(5))


@dataclass(frozen=True)
class Window:
    """A time in which a customer can be called back; `key` identifies it in the form, even once it began."""

    from_at: datetime
    until_at: datetime
    key: str


def list_windows(queue: Queue, *, now: datetime) -> list[Window]:
    """Return the windows of the next seven days in the queue's opening hours, soonest first, at most 16."""
    earliest, latest = _round_up_to_quarter(now + NOTICE), now + AHEAD
    return [
        w
        for interval in _list_open_intervals(queue, now, latest)
        for w in _split_interval(interval, earliest)
    ][:MAX_WINDOWS]


def _list_open_intervals(queue: Queue, now: datetime, latest: datetime) -> list[Interval]:
    hours = opening_hours.load_queue_hours(queue, now=now)
    if not hours.is_always_open:
        return [i for i in hours.intervals if i.close_at > now and i.open_at < latest]
    zone = wording.find_zone(queue.calendar.time_zone if queue.calendar else "")
    first, last = now.astimezone(zone).date(), latest.astimezone(zone).date()
    return build_intervals(DAYTIME, zone=zone, first=first, last=last)


def _split_interval(interval: Interval, earliest: datetime) -> Iterator[Window]:
    """Split an open interval into windows of two hours; a short rest is added to the one before it."""
    start = interval.open_at
    while start < interval.close_at:
        end = min(start + WINDOW, interval.close_at)
        if interval.close_at - end < MIN_LENGTH:
            end = interval.close_at
        if end - max(start, earliest) >= MIN_LENGTH:
            key = f"{int(start.timestamp())}-{int(end.timestamp())}"
            yield Window(max(start, earliest), end, key)
        start = end


def _round_up_to_quarter(moment: datetime) -> datetime:
    """Return `moment` rounded up to a quarter of an hour."""
    return datetime.fromtimestamp(-(-moment.timestamp() // QUARTER) * QUARTER, tz=moment.tzinfo)
