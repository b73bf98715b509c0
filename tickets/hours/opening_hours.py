"""Opening hours as rows: rules and closed days become intervals, and intervals become a value (`Hours`).

A version of a calendar is a whole timeline, from two years ago to two years ahead. A change of the rules
creates the next version: its past intervals are copied, so that no past figure changes, and the new rules
apply from the moment of the change.
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
    """Create the next version of a calendar from its current rules; return the version's number.

    Intervals before `now` are copied from the previous version. With `rewrites_past` the past is computed by
    the new rules too, and an event records that. The calendar's row is locked, so that two changes at the
    same time create two versions.

    Raises:
        Invalid: the calendar names a place whose public holidays are not known.
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
    """Add intervals to calendars that have none, or less than a year of them ahead; return how many."""
    ahead = OpeningInterval.objects.filter(
        calendar=OuterRef("pk"), version=OuterRef("version"), close_at__gt=now + EXTEND_BELOW
    )
    has_hours = Q(is_always_open=True) | Q(pk__in=OpeningRule.objects.values("calendar"))
    count = 0
    for calendar in Calendar.objects.filter(has_hours, ~Exists(ahead)):
        try:
            count += _extend(calendar, now=now)
        except Invalid as error:  # one calendar that cannot be computed must not stop the others
            logger.warning("opening hours not extended", extra={"calendar": calendar.pk, "why": error.code})
    return count


def load_hours(
    calendar: Calendar | None, *, since: datetime | None = None, until: datetime | None = None
) -> Hours:
    """Return a calendar's hours as a value, in one query; without a calendar, `ALWAYS_OPEN`.

    Only intervals that overlap the time from `since` to `until` are loaded; None means no limit.
    """
    if calendar is None or calendar.is_always_open:
        return ALWAYS_OPEN
    return Hours(tuple(_load_intervals(calendar, since, until)))


def load_queue_hours(queue: Queue, *, now: datetime) -> Hours:
    """Return a queue's hours from 15 days ago to 93 days ahead: enough for work that is open now.

    They are cached for each version of its calendar and day.
    """
    calendar = queue.calendar
    if calendar is None or calendar.is_always_open:
        return ALWAYS_OPEN
    hours = _load_around(calendar.pk, calendar.version, now.date())
    # An empty result must not stay cached: the first version may be published at any moment.
    return hours if hours.intervals else load_hours(calendar)


@lru_cache(maxsize=256)
def _load_around(calendar_id: int, version: int, day: date) -> Hours:
    """Return a version's hours around a day. They can be cached, since changed rules are a new version."""
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
    """Append intervals after the last one. The version stays, since no existing interval changes.

    The calendar's row is locked against `publish_version`, which reads and writes the same intervals.
    """
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
