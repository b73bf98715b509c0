"""The roster of a week: who works when, in the reader's time zone and in each agent's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from routing.models import Agent, Leave, OnCall, Shift, Slot
from tickets import wording
from tickets.models import QueueMembership

DAYS = 7


@dataclass(frozen=True)
class Entry:
    """One thing in one day of one person: work, an absence, or being on call; `there` is their own clock."""

    kind: str
    text: str
    there: str = ""
    note: str = ""


@dataclass
class Line:
    """One person's week."""

    agent: Agent
    zone: str
    days: list[list[Entry]] = field(default_factory=lambda: [[] for _day in range(DAYS)])


@dataclass(frozen=True)
class Day:
    """One day of the week: its date, how many work in it, and how many seats of slots are still free."""

    date: date
    at_work: int
    free_seats: int
    is_today: bool


@dataclass(frozen=True)
class Week:
    """A week on the reader's clock."""

    days: list[Day]
    lines: list[Line]

    @property
    def before(self) -> date:
        return self.days[0].date - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        return self.days[0].date + timedelta(days=DAYS)


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def load_week(queue_ids: Iterable[int], monday: date, *, zone: tzinfo, now: datetime) -> Week:
    """Return the week from `monday` of everybody who works in the queues, by the reader's zone."""
    queues = list(queue_ids)
    starts = [datetime.combine(monday + timedelta(days=n), time(), tzinfo=zone) for n in range(DAYS + 1)]
    members = QueueMembership.objects.live(now).filter(queue__in=queues, role="agent").values("user_id")
    agents = Agent.objects.active().filter(user__in=members).select_related("user")
    lines = {a.pk: Line(a, _zone_of(a, zone, now)) for a in sorted(agents, key=lambda a: str(a.user).lower())}
    span = (starts[0], starts[-1])
    at_work: dict[int, set[int]] = defaultdict(set)
    _shifts(lines, span, starts, zone, at_work)
    _absences(lines, span, starts, zone)
    _on_call(lines, queues, span, starts, zone)
    free = _free_seats(queues, span, zone)
    today = now.astimezone(zone).date()
    days = [
        Day(start.date(), len(at_work[number]), free[start.date()], start.date() == today)
        for number, start in enumerate(starts[:-1])
    ]
    return Week(days, list(lines.values()))


def _shifts(
    lines: dict[int, Line], span: Any, starts: list[datetime], zone: tzinfo, at_work: dict[int, set[int]]
) -> None:
    shifts = Shift.objects.filter(agent__in=lines, during__overlap=span).select_related(
        "booking__slot__queue"
    )
    for shift in shifts.order_by("during"):
        line = lines[shift.agent_id]
        note = str(shift.booking.slot.queue) if shift.booking else ""
        for number, text in _parts(shift.during, starts, zone):
            at_work[number].add(shift.agent_id)
            there = _hours(shift.during, line.agent.zone) if line.zone else ""
            line.days[number].append(Entry("work", text, there, note))


def _absences(lines: dict[int, Line], span: Any, starts: list[datetime], zone: tzinfo) -> None:
    for leave in Leave.objects.filter(agent__in=lines, during__overlap=span).order_by("during"):
        for number, text in _parts(leave.during, starts, zone):
            lines[leave.agent_id].days[number].append(Entry("leave", text))


def _on_call(
    lines: dict[int, Line], queues: list[int], span: Any, starts: list[datetime], zone: tzinfo
) -> None:
    duties = OnCall.objects.filter(queue__in=queues, agent__in=lines, during__overlap=span)
    for duty in duties.select_related("queue").order_by("during"):
        for number, text in _parts(duty.during, starts, zone):
            lines[duty.agent_id].days[number].append(Entry("on_call", text, note=str(duty.queue)))


def _free_seats(queues: list[int], span: Any, zone: tzinfo) -> dict[date, int]:
    free: dict[date, int] = defaultdict(int)
    for slot in Slot.objects.filter(queue__in=queues, during__overlap=span).with_taken():
        free[slot.during.lower.astimezone(zone).date()] += max(0, slot.seats - slot.taken)  # type: ignore[attr-defined]
    return free


def _parts(during: Any, starts: list[datetime], zone: tzinfo) -> list[tuple[int, str]]:
    """Return in which days of the week a span lies, and its hours there: "09:00–17:00", "until 06:00"."""
    parts = []
    for number, (start, end) in enumerate(pairwise(starts)):
        lower = max(during.lower, start)
        upper = min(during.upper or end, end)
        if lower < upper:
            parts.append((number, _words(lower, upper, start, end, zone)))
    return parts


def _words(lower: datetime, upper: datetime, start: datetime, end: datetime, zone: tzinfo) -> str:
    if lower == start and upper == end:
        return _("all day")
    from_text, until_text = (
        wording.format_time(lower.astimezone(zone)),
        wording.format_time(upper.astimezone(zone)),
    )
    if upper == end:
        return _("from %(time)s") % {"time": from_text}
    if lower == start:
        return _("until %(time)s") % {"time": until_text}
    return f"{from_text}–{until_text}"


def _hours(during: Any, zone: tzinfo) -> str:
    start, end = (wording.format_time(moment.astimezone(zone)) for moment in (during.lower, during.upper))
    return f"{start}–{end}"


def _zone_of(agent: Agent, zone: tzinfo, now: datetime) -> str:
    """Return the name of a person's zone where its clock differs from the reader's now."""
    same = now.astimezone(agent.zone).utcoffset() == now.astimezone(zone).utcoffset()
    return "" if same else wording.format_zone(agent.zone) or agent.time_zone
