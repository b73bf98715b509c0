"""Format times, durations, numbers and sizes in the active language. No other module formats them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, get_format, number_format, time_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

DAY_SECONDS = 86_400
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


def format_time(moment: datetime) -> str:
    """Return the time of day of an aware datetime in its own zone: "14:30"; in French "14 h 30", "16 h"."""
    return _format_time(moment.hour, moment.minute, get_language() or "")


@cache
def _format_time(hour: int, minute: int, language: str) -> str:
    """Format a time of day; `language` is the active one. Cached, since a list shows dozens of times."""
    pattern = pgettext("time of day, full hour", "H:i") if minute == 0 else pgettext("time of day", "H:i")
    return time_format(time(hour, minute), pattern).replace(" ", "\u00a0")  # "14 h" stays on one line


def format_day(moment: datetime, *, now: datetime) -> str:
    """Return the day of a moment: "today", "tomorrow", "yesterday", else "Thursday 19 November".

    The year is added if it is not the year of `now`.
    """
    here = now.astimezone(moment.tzinfo)
    days = (moment.date() - here.date()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    pattern = pgettext("day", "l j F") if moment.year == here.year else pgettext("day with year", "l j F Y")
    return format_date(moment, pattern)


def format_date(at: date, pattern: str) -> str:
    """Format a date by a pattern of Django's; in French the first of a month is "1er", other days "2"."""
    if at.day == 1:
        pattern = pattern.replace("j", pgettext("day of the month, if it is the first", "j"))
    return date_format(at, pattern)


def format_moment(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a day and a time, in `zone` (default: the active one): "today, 14:30"."""
    local = at.astimezone(zone or timezone.get_current_timezone())
    return _("%(day)s, %(time)s") % {"day": format_day(local, now=now), "time": format_time(local)}


def format_deadline(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment to follow the word "by": "14:30 today", "9:00 on Thursday 19 November"."""
    local = at.astimezone(zone or timezone.get_current_timezone())
    words = {"day": format_day(local, now=now), "time": format_time(local)}
    if abs((local.date() - now.astimezone(local.tzinfo).date()).days) <= 1:
        return pgettext("deadline, today or next to it", "%(time)s %(day)s") % words
    return pgettext("deadline", "%(time)s on %(day)s") % words


def format_range(from_at: datetime, until_at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a range: "today between 14:30 and 16:00", or "today before 16:00" once it has begun."""
    zone = zone or timezone.get_current_timezone()
    start, end = from_at.astimezone(zone), until_at.astimezone(zone)
    words = {
        "day": format_day(end, now=now),
        "end": format_time(end),
        "start": format_time(start),
        "first": format_day(start, now=now),
    }
    if start <= now:
        return _("%(day)s before %(end)s") % words
    if start.date() == end.date():
        return _("%(day)s between %(start)s and %(end)s") % words
    return _("between %(first)s %(start)s and %(day)s %(end)s") % words


def format_zone(zone: tzinfo | None = None) -> str:
    """Return the name of a time zone: "Paris time"; an empty text for zones without a city (UTC)."""
    key = getattr(zone or timezone.get_current_timezone(), "key", "")
    if "/" not in key:
        return ""
    return _("%(city)s time") % {"city": key.rpartition("/")[2].replace("_", " ")}


def find_zone(*names: str) -> ZoneInfo:
    """Return the first of these names that is a time zone, else the active one (or the installation's)."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    current: tzinfo = timezone.get_current_timezone()
    return current if isinstance(current, ZoneInfo) else ZoneInfo(settings.TIME_ZONE)


def format_full_date(day: date) -> str:
    """Return a date with its year: "18 November 2026". A datetime is converted to the active zone first."""
    local = timezone.localtime(day) if isinstance(day, datetime) else day
    return format_date(local, get_format("DATE_FORMAT"))


def format_full_moment(at: datetime) -> str:
    """Return a date with its year, and the time: "18 November 2026, 14:30"."""
    return _("%(day)s, %(time)s") % {"day": format_full_date(at), "time": format_time(timezone.localtime(at))}


def format_short_date(day: date) -> str:
    """Return a day of the current year in its shortest form: "9 Nov"."""
    return format_date(day, pgettext("short day", "j M"))


def format_short_moment(at: datetime, now: datetime) -> str:
    """Return a past moment in its shortest form: "11:42", "yesterday", "Fri", "9 Nov", "9 Nov 2024"."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    days = (today - local.date()).days
    if days <= 0:
        return format_time(local)
    if days == 1:
        return _("yesterday")
    if days < 7:
        return date_format(local, pgettext("short weekday", "D"))
    if local.year == today.year:
        return format_short_date(local)
    return format_date(local, pgettext("short day with year", "j M Y"))


def format_end(at: datetime, now: datetime) -> str:
    """Return the end of something: "11:40" if it is today, else with the day: "09:00 tomorrow"."""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localtime(now).date()
    return format_time(local) if is_today else format_deadline(at, now=now)


def format_elapsed(earlier: datetime, later: datetime) -> str:
    """Return the time between two moments, rounded down: "12 min", "3 h", "4 days"."""
    minutes = max(int((later - earlier).total_seconds()) // 60, 0)
    language = get_language()
    if minutes < 60:
        return _format_units("minutes", minutes, language)
    hours = minutes // 60
    return (
        _format_units("hours", hours, language)
        if hours < 48
        else _format_units("days", hours // 24, language)
    )


@lru_cache(maxsize=2000)
def _format_units(unit: str, n: int, language: str | None) -> str:
    """Format a number of units; `language` is the active one. Cached, since a list shows 25 of them."""
    if unit == "minutes":
        return _("%(n)s min") % {"n": n}
    if unit == "hours":
        return _("%(n)s h") % {"n": n}
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def format_length(seconds: float) -> str:
    """Return a duration in seconds as words: "32 s", "4 min", "1 h 04"."""
    whole = timedelta(seconds=max(0, round(seconds)))
    minutes = int(whole.total_seconds()) // 60
    if minutes == 0:
        return _("%(n)s s") % {"n": int(whole.total_seconds())}
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s") % {"hours": minutes // 60, "minutes": f"{minutes % 60:02}"}


def format_duration(seconds: float) -> str:
    """Return a duration in seconds as one unbroken text: "32 s", "4 min", "3 h 12", "2 d 5 h", "45 d"."""
    if seconds < DAY_SECONDS - 30:
        return keep_on_one_line(format_length(seconds))
    days, hours = divmod(round(seconds / 3600), 24)
    if days >= 10 or hours == 0:
        return keep_on_one_line(_("%(days)s d") % {"days": format_count(round(seconds / DAY_SECONDS))})
    return keep_on_one_line(_("%(days)s d %(hours)s h") % {"days": days, "hours": hours})


def format_count(number: int) -> str:
    """Return a whole number with separated thousands: "12,345", in French "12 345"."""
    return number_format(number, use_l10n=True, force_grouping=True)


def format_decimal(number: float, places: int) -> str:
    """Return a number with `places` decimals: "1.25", in French "1,25"."""
    return number_format(round(number, places), places, use_l10n=True)


def format_percent(share: float, places: int = 0) -> str:
    """Return a share (0 to 1) as a percentage: "91 %"; with `places` decimals "91.3 %".

    Without decimals, a share below 1 is at most "99 %", and one above 0 at least "1 %".
    """
    if places:
        return keep_on_one_line(_("%(n)s %%") % {"n": format_decimal(100 * share, places)})
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return keep_on_one_line(_("%(n)s %%") % {"n": whole})


def format_size(number: int) -> str:
    """Return a number of bytes as "84 kB", "1.2 MB" or "25 MB"; 1 kB is 1,024 bytes."""
    kilobytes = max(1, round(number / KILOBYTE))
    if kilobytes < KILOBYTE:
        return _("%(n)s kB") % {"n": kilobytes}
    megabytes = round(number / MEGABYTE, 1)
    return _("%(n)s MB") % {"n": format_decimal(megabytes, 0 if megabytes.is_integer() else 1)}


def keep_on_one_line(words: str) -> str:
    """Replace spaces by no-break spaces, so that a number and its unit stay on one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")
