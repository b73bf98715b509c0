"""Moments, spans and sizes as short as a list needs them; tickets.times says them in full."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from tickets import wording

MEGABYTE = 1024 * 1024


def short_moment(at: datetime, now: datetime) -> str:
    """Return a moment as short as can be: "11:42", "yesterday", "Fri", "9 Nov", "9 Nov 2024"."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    days = (today - local.date()).days
    if days <= 0:
        return wording.clock(local)
    if days == 1:
        return _("yesterday")
    if days < 7:
        return date_format(local, pgettext("short weekday", "D"))
    if local.year == today.year:
        return wording.date_in_pattern(local, pgettext("short day", "j M"))
    return wording.date_in_pattern(local, pgettext("short day with year", "j M Y"))


def by_moment(at: datetime, now: datetime) -> str:
    """Return until when: "11:40" today, "9:00 tomorrow" on another day."""
    local = timezone.localtime(at)
    return (
        wording.clock(local)
        if local.date() == timezone.localtime(now).date()
        else wording.deadline(at, now=now)
    )


def between(earlier: datetime, later: datetime) -> str:
    """Return how long it is from one moment to the other, roughly: "12 min", "3 h", "4 days"."""
    minutes = max(int((later - earlier).total_seconds()) // 60, 0)
    if minutes < 60:
        return _lasting("minutes", minutes, get_language())
    hours = minutes // 60
    return (
        _lasting("hours", hours, get_language())
        if hours < 48
        else _lasting("days", hours // 24, get_language())
    )


@lru_cache(maxsize=2000)
def _lasting(unit: str, n: int, language: str | None) -> str:
    """Say how long something lasts in the active language, which is `language`; a list says it 25 times."""
    if unit == "minutes":
        return _("%(n)s min") % {"n": n}
    if unit == "hours":
        return _("%(n)s h") % {"n": n}
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def size(number: int) -> str:
    """Return a number of bytes as people say it: "84 kB", "1.2 MB"."""
    if number < MEGABYTE:
        return _("%(n)s kB") % {"n": max(1, round(number / 1024))}
    return _("%(n)s MB") % {"n": f"{number / MEGABYTE:.1f}"}
