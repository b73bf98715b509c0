"""Absences: noted by the person or a supervisor; while one runs nothing new comes, and work goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from routing.models import Agent, Leave
from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.platform import tasks_on_commit

LONGEST = timedelta(days=366)


def add_absence(
    agent: Agent, starts: datetime, ends: datetime, *, by: Actor, now: datetime, note: str = ""
) -> Leave:
    """Record an absence. Raises Invalid if it has no length, exceeds a year or overlaps another."""
    if not starts < ends <= starts + LONGEST:
        raise Invalid(_("The absence must end after it begins, and last a year at most."), code="bad_span")
    try:
        with transaction.atomic():
            leave = Leave.objects.create(agent=agent, during=DateTimeTZRange(starts, ends), note=note[:120])
            _record(agent, leave.pk, ends, by=by, now=now)
    except IntegrityError as error:
        raise Invalid(_("There is an absence at that time already."), code="overlaps") from error
    return leave


def remove_absence(leave: Leave, *, by: Actor, now: datetime) -> bool:
    """Delete a future absence, or end a current one now; return whether anything changed."""
    with transaction.atomic():
        rows = Leave.objects.filter(pk=leave.pk, during__endswith__gt=now)
        if leave.during.lower < now:
            changed = rows.update(during=DateTimeTZRange(leave.during.lower, now))
        else:
            changed, _rows = rows.delete()
        if changed:
            _record(leave.agent, leave.pk, now, by=by, now=now)
    return bool(changed)


def _record(agent: Agent, leave: int, until: datetime, *, by: Actor, now: datetime) -> None:
    data = {"user": agent.user_id, "leave": leave, "until": until.isoformat()}
    events.record("agent.absence", by=by, at=now, data=data)
    tasks_on_commit.enqueue("routing.tasks.route")
