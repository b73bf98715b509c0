"""Shifts and absences as iCalendar: given to a person's own calendar, and read from a file of theirs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from routing.errors import BadCalendar
from routing.models import Agent, Leave, Shift
from routing.workforce import calendar_process
from tickets.models import Company
from tickets.platform import crypto, tasks_on_commit

PAST = timedelta(weeks=4)
LARGEST_FILE = 1_000_000

Kind = Literal["shifts", "leave"]


@dataclass(frozen=True)
class Imported:
    """How many entries were imported, and how many were skipped because they overlap an existing one."""

    taken: int
    left_out: int


def export_calendar(agent: Agent, *, now: datetime) -> bytes:
    """Return an iCalendar file of an agent's shifts and absences since four weeks ago, in their zone."""
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


def import_calendar(raw: bytes, agent: Agent, kind: Kind, *, now: datetime) -> Imported:
    """Import the coming year's entries of a calendar file; they replace those imported before.

    Times without a zone are in the agent's zone; all-day entries end with the day. Repeated entries keep
    their wall-clock time when the clocks change. Raises BadCalendar if the file is not a valid calendar.
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
        tasks_on_commit.enqueue("routing.tasks.route")
    return Imported(taken, len(entries) - taken)


def create_subscription_token(agent: Agent) -> str:
    """Create the secret token of the agent's calendar subscription; an older token stops working."""
    token = secrets.token_urlsafe(24)
    agent.calendar_digest = crypto.digest(token)
    agent.save(update_fields=["calendar_digest"])
    return token


def find_agent_by_token(token: str) -> Agent | None:
    """Return the active agent whose calendar subscription has this token; None without one."""
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


def _entries(raw: bytes, zone: ZoneInfo, now: datetime) -> list[tuple[str, datetime, datetime]]:
    if len(raw) > LARGEST_FILE:
        raise BadCalendar(_("This file is larger than 1 MB. Export the coming year only."), code="too_large")
    return calendar_process.read_entries(raw, zone, now)
