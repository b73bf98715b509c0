"""Create shifts from weekly patterns: wall-clock times in the agent's zone become instants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from routing.models import Agent, Shift, ShiftPattern

WEEKS_AHEAD = 8
DAY = timedelta(days=1)


def plan_shifts(now: datetime, *, agent: Agent | None = None) -> int:
    """Create the missing shifts of the next eight weeks; return how many.

    Shifts set by hand stay; a pattern's shift that overlaps one is left out.
    """
    patterns = ShiftPattern.objects.select_related("agent").filter(agent__is_active=True)
    if agent is not None:
        patterns = patterns.filter(agent=agent)
    until = now + timedelta(weeks=WEEKS_AHEAD)
    known = set(
        Shift.objects.filter(pattern__in=patterns, during__endswith__gt=now).values_list(
            "pattern_id", "during__startswith"
        )
    )
    wanted = [
        Shift(agent=pattern.agent, pattern=pattern, during=during)
        for pattern in patterns
        for during in pattern_spans(pattern, now, until)
        if (pattern.pk, during.lower) not in known
    ]
    before = Shift.objects.count() if wanted else 0
    Shift.objects.bulk_create(wanted, ignore_conflicts=True)
    return Shift.objects.count() - before if wanted else 0


def replan_shifts(agent: Agent, *, now: datetime) -> int:
    """Delete an agent's future shifts made from patterns and create them again; return how many."""
    with transaction.atomic():
        Shift.objects.filter(agent=agent, pattern__isnull=False, during__startswith__gt=now).delete()
        return plan_shifts(now, agent=agent)


def pattern_spans(pattern: ShiftPattern, start: datetime, until: datetime) -> Iterator[DateTimeTZRange]:
    """Give the spans of one pattern that end after `start` and begin before `until`.

    An hour that the clocks skip in spring is moved on by it; one they repeat in autumn is taken the
    first time.
    """
    zone = pattern.agent.zone
    day = start.astimezone(zone).date() - DAY
    while day <= until.astimezone(zone).date():
        if day.weekday() == pattern.weekday and _is_valid(pattern, day):
            last = day + DAY if pattern.ends <= pattern.starts else day
            begins = datetime.combine(day, pattern.starts, tzinfo=zone)
            ends = datetime.combine(last, pattern.ends, tzinfo=zone)
            if start < ends and begins < until and begins.timestamp() < ends.timestamp():
                yield DateTimeTZRange(begins, ends)
        day += DAY


def _is_valid(pattern: ShiftPattern, day: date) -> bool:
    begun = pattern.valid_from is None or pattern.valid_from <= day
    return begun and (pattern.valid_until is None or day <= pattern.valid_until)
