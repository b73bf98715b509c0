"""Moments, spans and sizes in words a person would say: "today between 14:30 and 16:00"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _


def clock(moment: datetime) -> str:
    """Return the time of day of an aware moment in its own zone: "14:30", in French "14 h 30", "16 h"."""
    return _clock(moment.hour, moment.minute, get_language() or "")


@cache
def _clock(hour: int, minute: int, language: str) -> str:
    """Say a time of day in the active language, which is `language`; a page of rows says dozens."""
    pattern = pgettext("time of day, full hour", "H:i") if minute == 0 else pgettext("time of day", "H:i")
    return time_format(time(hour, minute), pattern).replace(" ", "\u00a0")  # "14 h" stays on one line


def day(moment: datetime, *, now: datetime) -> str:
    """Return which day a moment is on: "today", "tomorrow", else "Thursday 19 November" (and the year)."""
    here = now.astimezone(moment.tzinfo)
    days = (moment.date() - here.date()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    pattern = pgettext("day", "l j F") if moment.year == here.year else pgettext("day with year", "l j F Y")
    return date_in_pattern(moment, pattern)


def date_in_pattern(at: date, pattern: str) -> str:
    """Return a date in a pattern of Django's; in French the first of a month is "1er", other days "2"."""
    if at.day == 1:
        pattern = pattern.replace("j", pgettext("day of the month, if it is the first", "j"))
    return date_format(at, pattern)


def moment(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment in words: "today, 14:30"."""
    local = at.astimezone(zone or timezone.get_current_timezone())
    return _("%(day)s, %(time)s") % {"day": day(local, now=now), "time": clock(local)}


def deadline(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment as it follows "by": "14:30 today", "9:00 on Thursday 19 November"."""
    local = at.astimezone(zone or timezone.get_current_timezone())
    words = {"day": day(local, now=now), "time": clock(local)}
    if abs((local.date() - now.astimezone(local.tzinfo).date()).days) <= 1:
        return pgettext("deadline, today or next to it", "%(time)s %(day)s") % words
    return pgettext("deadline", "%(time)s on %(day)s") % words


def span(from_at: datetime, until_at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a range in words: "today between 14:30 and 16:00", or "today before 16:00" once it has begun."""
    zone = zone or timezone.get_current_timezone()
    start, end = from_at.astimezone(zone), until_at.astimezone(zone)
    words = {"day": day(end, now=now), "end": clock(end), "start": clock(start), "first": day(start, now=now)}
    if start <= now:
        return _("%(day)s before %(end)s") % words
    if start.date() == end.date():
        return _("%(day)s between %(start)s and %(end)s") % words
    return _("between %(first)s %(start)s and %(day)s %(end)s") % words


def zone_name(zone: tzinfo | None = None) -> str:
    """Return whose time it is: "Paris time"; an empty text for zones without a place (UTC)."""
    key = getattr(zone or timezone.get_current_timezone(), "key", "")
    if "/" not in key:
        return ""
    return _("%(city)s time") % {"city": key.rpartition("/")[2].replace("_", " ")}


def zone_called(*names: str) -> ZoneInfo:
    """Return the first of these time zones that exists, else the active one."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    current: tzinfo = timezone.get_current_timezone()
    return current if isinstance(current, ZoneInfo) else ZoneInfo(settings.TIME_ZONE)


def length(seconds: float) -> str:
    """Return a duration in words: "32 s", "4 min", "1 h 04"."""
    whole = timedelta(seconds=max(0, round(seconds)))
    minutes = int(whole.total_seconds()) // 60
    if minutes == 0:
        return _("%(n)s s") % {"n": int(whole.total_seconds())}
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s") % {"hours": minutes // 60, "minutes": f"{minutes % 60:02}"}
