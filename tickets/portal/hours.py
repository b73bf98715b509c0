"""Windows of time within opening hours, in which customers can be called back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tickets import wording
from tickets.hours import opening_hours
from tickets.hours.business_time import Interval, Rule, build_intervals
from tickets.models import Queue

WINDOW = timedelta(hours=2)
SHORTEST = timedelta(minutes=45)
NOTICE = timedelta(minutes=30)
AHEAD = timedelta(days=7)
MOST = 16
QUARTER = 15 * 60
# Nobody is called back at night, also where a queue is always open.
DAYTIME = tuple(Rule(weekday, time(9), time(18)) for weekday in range(5))


@dataclass(frozen=True)
class Window:
    """A span in which a customer can be called back; `key` names it in a form, also when it has begun."""

    from_at: datetime
    until_at: datetime
    key: str


def windows(queue: Queue, *, now: datetime) -> list[Window]:
    """Return the windows of the next days in which somebody of the queue can call back, soonest first."""
    earliest, latest = _quarter_after(now + NOTICE), now + AHEAD
    return [w for interval in _open(queue, now, latest) for w in _cut(interval, earliest)][:MOST]


def _open(queue: Queue, now: datetime, latest: datetime) -> list[Interval]:
    hours = opening_hours.load_queue_hours(queue, now=now)
    if not hours.is_always_open:
        return [i for i in hours.intervals if i.close_at > now and i.open_at < latest]
    zone = wording.find_zone(queue.calendar.time_zone if queue.calendar else "")
    first, last = now.astimezone(zone).date(), latest.astimezone(zone).date()
    return build_intervals(DAYTIME, zone=zone, first=first, last=last)


def _cut(interval: Interval, earliest: datetime) -> Iterator[Window]:
    """Cut an open interval into windows of two hours; a short rest joins the one before it."""
    start = interval.open_at
    while start < interval.close_at:
        end = min(start + WINDOW, interval.close_at)
        if interval.close_at - end < SHORTEST:
            end = interval.close_at
        if end - max(start, earliest) >= SHORTEST:
            key = f"{int(start.timestamp())}-{int(end.timestamp())}"
            yield Window(max(start, earliest), end, key)
        start = end


def _quarter_after(moment: datetime) -> datetime:
    """Return the next full quarter of an hour, not before `moment`."""
    return datetime.fromtimestamp(-(-moment.timestamp() // QUARTER) * QUARTER, tz=moment.tzinfo)
