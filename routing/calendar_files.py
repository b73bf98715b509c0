"""Shifts and absences as iCalendar: given to a person's own calendar, and read from a file of theirs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from routing.errors import BadCalendar
from routing.models import Agent, Leave, Shift
from tickets import bell, crypto
from tickets.models import Company

PAST = timedelta(weeks=4)
REACH = timedelta(weeks=52)
MOST_ENTRIES = 1000
LARGEST_FILE = 1_000_000

Kind = Literal["shifts", "leave"]


@dataclass(frozen=True)
class Imported:
    """How many entries were taken over, and how many lay where something else already does."""

    taken: int
    left_out: int


def export(agent: Agent, *, now: datetime) -> bytes:
    """Return the person's shifts and absences, from four weeks ago on, in their own time zone."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tandem//routing//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Work at %(company)s") % {"company": Company.current().name or "Tandem"})
    shifts = Shift.objects.filter(agent=agent, during__endswith__gt=now - PAST)
    leaves = Leave.objects.filter(agent=agent, during__endswith__gt=now - PAST)
    for row in shifts.select_related("booking__slot__queue"):
        calendar.add_component(_entry(f"shift-{row.pk}", _shift_name(row), row.during, agent.zone, now))
    for leave in leaves:
        name = leave.note or _("Absent")
        calendar.add_component(_entry(f"leave-{leave.pk}", name, leave.during, agent.zone, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def read(raw: bytes, agent: Agent, kind: Kind, *, now: datetime) -> Imported:
    """Take over what a calendar file says of the coming year; what an earlier reading brought is replaced.

    Wall-clock times without a zone are the person's own; whole days end with the day. Repeated entries
    keep their wall-clock time when the clocks change. Raises BadCalendar for anything else than a calendar.
    """
    entries = _entries(raw, agent.zone, now)
    model: Any = Shift if kind == "shifts" else Leave
    taken = 0
    with transaction.atomic():
        model.objects.filter(agent=agent, during__startswith__gt=now).exclude(uid="").delete()
        for uid, starts, ends in entries:
            try:
                with transaction.atomic():
                    model.objects.create(agent=agent, during=DateTimeTZRange(starts, ends), uid=uid[:255])
                taken += 1
            except IntegrityError:
                continue  # something set by hand, or an entry before it, lies there and stays
        bell.ring("routing.tasks.route")
    return Imported(taken, len(entries) - taken)


def new_address(agent: Agent) -> str:
    """Make the secret token under which the person's calendar can be subscribed; an older one ends."""
    token = secrets.token_urlsafe(24)
    agent.calendar_digest = crypto.digest(token)
    agent.save(update_fields=["calendar_digest"])
    return token


def agent_of(token: str) -> Agent | None:
    """Return whose calendar a token opens."""
    active = Agent.objects.active().select_related("user")
    return active.filter(calendar_digest=crypto.digest(token)).first() if token else None


def _shift_name(shift: Shift) -> str:
    if shift.booking is None:
        return _("Work")
    return _("Work: %(queue)s") % {"queue": shift.booking.slot.queue.label()}


def _entry(uid: str, name: str, during: Any, zone: tzinfo, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@tandem")
    event.add("summary", name)
    event.add("dtstamp", now)
    event.add("dtstart", during.lower.astimezone(zone))
    if during.upper is not None:
        event.add("dtend", during.upper.astimezone(zone))
    return event


def _entries(raw: bytes, zone: tzinfo, now: datetime) -> list[tuple[str, datetime, datetime]]:
    if len(raw) > LARGEST_FILE:
        raise BadCalendar(_("This file is larger than 1 MB. Export the coming year only."), code="too_large")
    try:
        calendar = Calendar.from_ical(raw)
        found = sorted(
            (starts, ends, uid)
            for event in calendar.walk("VEVENT")
            for uid, starts, ends in _occurrences(event, zone, now)
        )
    except (ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise BadCalendar from error
    if len(found) > MOST_ENTRIES:
        raise BadCalendar(_("This calendar has more than 1000 entries in the coming year."), code="too_many")
    return [(uid, starts, ends) for starts, ends, uid in found]


def _occurrences(event: Any, zone: tzinfo, now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Give each time an entry takes place between now and a year from now."""
    starts = _wall(event.decoded("dtstart"), zone)
    length = _wall(event.end, zone) - starts if event.get("dtend") else _length(event)
    if event.get("status", "").upper() == "CANCELLED" or length <= timedelta(0):
        return
    left_out = {_wall(one.dt, zone) for dates in _listed(event.get("exdate")) for one in dates.dts}
    for begins in _repeated(event, starts, zone, now.astimezone(zone).replace(tzinfo=None)):
        if begins in left_out:
            continue
        lower, upper = begins.replace(tzinfo=zone), (begins + length).replace(tzinfo=zone)
        if upper > now and lower < now + REACH:
            yield f"{event.get('uid', '')}/{begins:%Y%m%dT%H%M}", lower, upper


def _repeated(event: Any, starts: datetime, zone: tzinfo, here: datetime) -> Iterator[datetime]:
    """Give the naive wall-clock beginnings of an entry, by its rule if it has one."""
    rule = event.get("rrule")
    if rule is None:
        yield starts
        return
    text = rule.to_ical().decode()
    if starts < here - timedelta(days=366 * 5):
        raise ValueError("The rule begins too long ago.")
    parts = [part for part in text.split(";") if not part.startswith("UNTIL=")]
    until = rule.get("until", [None])[0]
    last = min(here + REACH, _end_of(until, zone)) if until else here + REACH
    repeated = rrulestr(";".join(parts), dtstart=starts)
    for number, begins in enumerate(repeated.xafter(starts, inc=True)):
        if begins > last or number > MOST_ENTRIES * 5:
            return
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
