"""Opening hours in words: "Monday to Friday 9:00–12:00 and 14:00–18:00, Saturday 9:00–12:00"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from tickets import wording
from tickets.hours.business_time import Rule
from tickets.models import Calendar, OpeningRule


def find_zone(calendar: Calendar | None) -> ZoneInfo:
    """Return the calendar's time zone, else the active one."""
    return wording.find_zone(calendar.time_zone) if calendar else wording.find_zone()


def describe_hours(calendar: Calendar | None) -> str:
    """Return a calendar's opening hours in words; an empty text without a calendar or if always open."""
    if calendar is None or calendar.is_always_open:
        return ""
    return describe_week(calendar.rules.all())


def describe_week(rules: Iterable[OpeningRule | Rule]) -> str:
    """Return weekly rules in words; neighbouring days with the same hours are named together."""
    spans: dict[int, list[str]] = {}
    for rule in sorted(rules, key=lambda r: (r.weekday, r.opens)):
        spans.setdefault(rule.weekday, []).append(_describe_span(rule.opens, rule.closes))
    days = [(weekday, _(" and ").join(hours)) for weekday, hours in sorted(spans.items())]
    return ", ".join(_describe_group(run) for run in _group_days(days))


def _group_days(days: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Group neighbouring weekdays that have the same hours."""
    numbered = [(place, weekday, hours) for place, (weekday, hours) in enumerate(days)]
    for _key, run in groupby(numbered, key=lambda d: (d[1] - d[0], d[2])):
        yield [(weekday, hours) for _place, weekday, hours in run]


def _describe_group(run: list[tuple[int, str]]) -> str:
    first, last, hours = WEEKDAYS[run[0][0]], WEEKDAYS[run[-1][0]], run[0][1]
    if len(run) == 1:
        return _("%(day)s %(hours)s") % {"day": first, "hours": hours}
    if len(run) == 2:
        return _("%(first)s and %(last)s %(hours)s") % {"first": first, "last": last, "hours": hours}
    return _("%(first)s to %(last)s %(hours)s") % {"first": first, "last": last, "hours": hours}


def _describe_span(opens: time, closes: time) -> str:
    if opens == closes == time(0):
        return _("all day")
    end = _("midnight") if closes == time(0) else _describe_time(closes)
    # The word joiner keeps both times on one line.
    return _("%(opens)s–%(closes)s") % {"opens": _describe_time(opens), "closes": f"\u2060{end}"}


def _describe_time(at: time) -> str:
    return wording.format_time(datetime(2000, 1, 1, at.hour, at.minute))  # noqa: DTZ001  (any day will do)
