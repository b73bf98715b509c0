"""When the entries of an iCalendar file take place: pure, and without bound but for the process it runs in.

Source: RFC 5545. Some rules have no end and never match, and the library that unfolds them looks for a match
until the year 9999; so this runs only in `calendar_worker`, which the kernel ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from icalendar import Calendar

REACH = timedelta(weeks=52)
LONGEST_AGO = timedelta(days=366 * 5)
MOST_ENTRIES = 1000
MOST_STEPS = 5000  # of one rule, and of all together
MOST_EVENTS = 5000
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
UNREADABLE = (ValueError, KeyError, AttributeError, TypeError, IndexError, OverflowError, RecursionError)

Found = tuple[datetime, datetime, str]


class Refused(Exception):
    """The file is not taken; the argument is a code: bad_calendar, too_many or too_fine."""


def expand_entries(raw: bytes, zone: tzinfo, now: datetime) -> list[Found]:
    """Return (start, end, id) of each occurrence of the entries between now and a year from now.

    Times without a zone are the wall clock of `zone`. Raises Refused.
    """
    try:
        events = Calendar.from_ical(raw).walk("VEVENT")
        if len(events) > MOST_EVENTS:
            raise Refused("too_many")
        entries: list[Found] = []
        for event in events:
            entries += _of(event, zone, now)
            if len(entries) > MOST_ENTRIES:
                raise Refused("too_many")
    except UNREADABLE as error:
        raise Refused("bad_calendar") from error
    return sorted(entries)


def _of(event: Any, zone: tzinfo, now: datetime) -> Iterator[Found]:
    starts = _wall(event.decoded("dtstart"), zone)
    length = _wall(event.end, zone) - starts if event.get("dtend") else _length(event)
    if event.get("status", "").upper() == "CANCELLED" or length <= timedelta(0):
        return
    left_out = {_wall(excluded.dt, zone) for dates in _listed(event.get("exdate")) for excluded in dates.dts}
    for begins in _repeated(event, starts, zone, now.astimezone(zone).replace(tzinfo=None)):
        if begins in left_out:
            continue
        lower, upper = begins.replace(tzinfo=zone), (begins + length).replace(tzinfo=zone)
        if upper > now and lower < now + REACH:
            yield lower, upper, f"{event.get('uid', '')}"[:200] + f"/{begins:%Y%m%dT%H%M}"


def _repeated(event: Any, starts: datetime, zone: tzinfo, here: datetime) -> Iterator[datetime]:
    """Give the naive wall-clock beginnings of an entry, by its rule if it has one."""
    rule = event.get("rrule")
    if rule is None:
        yield starts
        return
    (frequency,) = rule["freq"]
    if str(frequency).upper() not in FREQUENCIES:
        raise Refused("too_fine")
    if starts < here - LONGEST_AGO:
        raise ValueError("The rule begins too long ago.")
    parts = [part for part in rule.to_ical().decode().split(";") if not part.startswith("UNTIL=")]
    until = rule.get("until", [None])[0]
    last = min(here + REACH, _end_of(until, zone)) if until else here + REACH
    for number, begins in enumerate(rrulestr(";".join(parts), dtstart=starts).xafter(starts, inc=True)):
        if begins > last:
            return
        if number > MOST_STEPS:
            raise Refused("too_many")
        yield begins


def _end_of(until: date | datetime, zone: tzinfo) -> datetime:
    if isinstance(until, datetime):
        return _wall(until, zone)
    return datetime.combine(until, time.max)


def _wall(moment: date | datetime, zone: tzinfo) -> datetime:
    """Return a moment as the wall clock of a zone shows it, without the zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment


def _length(event: Any) -> timedelta:
    if event.get("duration"):
        lasts: timedelta = event.decoded("duration")
        return lasts
    return timedelta(0) if isinstance(event.decoded("dtstart"), datetime) else timedelta(days=1)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
