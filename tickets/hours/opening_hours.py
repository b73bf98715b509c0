"""Opening hours as rows: rules and closed days become intervals; intervals become the value that computes.

A calendar's version is one whole timeline, from two years back to two years ahead. A change makes the next
version: what had passed stays as it was, so that no past number moves, and the new rules hold from then on.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.errors import Invalid
from tickets.hours.business_time import (
    ALWAYS_OPEN,
    Hours,
    Interval,
    Rule,
    build_intervals,
    compute_prefix_sums,
    splice_intervals,
)
from tickets.hours.holidays import find_public_holidays
from tickets.models import Calendar, OpeningInterval, OpeningRule, Queue

logger = logging.getLogger(__name__)

HORIZON = timedelta(days=2 * 365)
EXTEND_BELOW = timedelta(days=365)


def publish_version(
    calendar: Calendar, *, now: datetime, by: Actor = SYSTEM, rewrites_past: bool = False
) -> int:
    """Make the calendar's present rules its next version, from `now` on; return the version.

    Intervals before `now` are taken over from the version before, unless `rewrites_past` says to
    recompute the past with the new rules as well; that is recorded like any change of settings.

    Raises:
        Invalid: public holidays of a place that is not on the list.
    """
    with transaction.atomic():
        calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
        intervals = _plan_intervals(calendar, now - HORIZON, now + HORIZON)
        past = _load_intervals(calendar)
        if past and not rewrites_past:
            intervals = splice_intervals(past, intervals, at=now.replace(microsecond=0))
        if past:
            Calendar.objects.filter(pk=calendar.pk).update(version=F("version") + 1)
            calendar.refresh_from_db(fields=["version"])
        _save_intervals(calendar, intervals)
        if rewrites_past:
            data = {"model": "tickets.calendar", "id": calendar.pk, "fields": ["past intervals"]}
            events.record("config.changed", by=by, at=now, data=data)
    return calendar.version


def extend_calendars(*, now: datetime) -> int:
    """Give intervals to calendars that have none yet, or less than a year left; return how many."""
    ahead = OpeningInterval.objects.filter(
        calendar=OuterRef("pk"), version=OuterRef("version"), close_at__gt=now + EXTEND_BELOW
    )
    has_hours = Q(is_always_open=True) | Q(pk__in=OpeningRule.objects.values("calendar"))
    count = 0
    for calendar in Calendar.objects.filter(has_hours, ~Exists(ahead)):
        try:
            count += _extend(calendar, now=now)
        except Invalid as error:  # one calendar that cannot be laid out must not stop the others
            logger.warning("opening hours not extended", extra={"calendar": calendar.pk, "why": error.code})
    return count


def load_hours(
    calendar: Calendar | None, *, since: datetime | None = None, until: datetime | None = None
) -> Hours:
    """Return a calendar's hours as a value, in one query; without a calendar it is open day and night.

    `since` and `until` limit what is loaded to the intervals that touch that time.
    """
    if calendar is None or calendar.is_always_open:
        return ALWAYS_OPEN
    return Hours(tuple(_load_intervals(calendar, since, until)))


def load_queue_hours(queue: Queue, *, now: datetime) -> Hours:
    """Return a queue's hours from a fortnight ago to a quarter ahead: enough for what is open now."""
    calendar = queue.calendar
    if calendar is None or calendar.is_always_open:
        return ALWAYS_OPEN
    hours = _load_around(calendar.pk, calendar.version, now.date())
    return hours if hours.intervals else load_hours(calendar)  # what is not published yet may be in a moment


@lru_cache(maxsize=256)
def _load_around(calendar_id: int, version: int, day: date) -> Hours:
    """Return a version's hours around a day. They do not change: other rules are another version."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    calendar = Calendar(pk=calendar_id, version=version)
    return load_hours(calendar, since=noon - timedelta(days=15), until=noon + timedelta(days=93))


def _load_intervals(
    calendar: Calendar, since: datetime | None = None, until: datetime | None = None
) -> list[Interval]:  # fmt: skip
    rows = OpeningInterval.objects.filter(calendar=calendar, version=calendar.version)
    if since is not None:
        rows = rows.filter(close_at__gt=since)
    if until is not None:
        rows = rows.filter(open_at__lt=until)
    return [Interval(*span) for span in rows.order_by("open_at").values_list("open_at", "close_at")]


def _plan_intervals(calendar: Calendar, since: datetime, until: datetime) -> list[Interval]:
    if calendar.is_always_open:
        return [Interval(since.replace(microsecond=0), until.replace(microsecond=0))]
    zone = ZoneInfo(calendar.time_zone)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    rules = [Rule(r.weekday, r.opens, r.closes) for r in calendar.rules.all()]
    return build_intervals(
        rules, zone=zone, first=first, last=last, closed_days=_load_closed_days(calendar, first, last)
    )


def _load_closed_days(calendar: Calendar, first: date, last: date) -> set[date]:
    days = set(calendar.holidays.filter(day__range=(first, last)).values_list("day", flat=True))
    if not calendar.holidays_of:
        return days
    return days.union(find_public_holidays(calendar.holidays_of, first, last))


def _extend(calendar: Calendar, *, now: datetime) -> bool:
    """Append what lies beyond the last interval; the version stays, since nothing known changes."""
    with transaction.atomic():
        calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
        known = _load_intervals(calendar)
        end = known[-1].close_at if known else now - HORIZON
        planned = _plan_intervals(calendar, end, now + HORIZON)
        intervals = splice_intervals(known, planned, at=end) if known else planned
        if intervals == known:
            return False
        calendar.intervals.filter(version=calendar.version).delete()
        _save_intervals(calendar, intervals)
    return True


def _save_intervals(calendar: Calendar, intervals: list[Interval]) -> None:
    OpeningInterval.objects.bulk_create(
        OpeningInterval(
            calendar=calendar,
            version=calendar.version,
            open_at=interval.open_at.astimezone(UTC),
            close_at=interval.close_at.astimezone(UTC),
            seconds_before=int(before),
        )
        for interval, before in zip(intervals, compute_prefix_sums(intervals), strict=True)
    )
