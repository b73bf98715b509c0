"""Times, durations, numbers and sizes in the reader's language, as `tickets.wording` says them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets import wording
from tickets.platform import typed_dates

register = template.Library()
register.filter("between", wording.format_elapsed)
register.filter("by_moment", wording.format_end)
register.filter("date_in_full", wording.format_full_date)
register.filter("moment_in_full", wording.format_full_moment)
register.filter("short_moment", wording.format_short_moment)
register.filter("size", wording.format_size)


@register.filter
def moment(at: datetime, now: datetime) -> str:
    """Return a moment in words: "today, 14:30"."""
    return wording.format_moment(at, now=now)


@register.filter
def time_of_day(at: datetime) -> str:
    """Return the time of day: "14:30"."""
    return wording.format_time(timezone.localtime(at))


@register.inclusion_tag("shell/date_field.html")
def date_field(
    name: str, value: date | str = "", *, id: str, latest: date | str = "", is_required: bool = False
) -> dict[str, Any]:
    """Draw a field for a date in the reader's notation; `value` may be what was typed before."""
    given = _date_of(value)
    context = {"name": name, "id": id, "latest": _native(_date_of(latest)), "is_required": is_required}
    text = f"{given:%d/%m/%Y}" if given else value
    return context | {"type": "date", "hint": _("dd/mm/yyyy"), "text": text, "native": _native(given)}


@register.inclusion_tag("shell/date_field.html")
def moment_field(
    name: str, value: datetime | str = "", *, id: str, is_required: bool = False
) -> dict[str, Any]:
    """Draw a field for a day and a time in the reader's notation; `value` may be what was typed before."""
    given = _moment_of(value)
    context = {"name": name, "id": id, "is_required": is_required, "type": "datetime-local"}
    text = f"{given:%d/%m/%Y %H:%M}" if given else value
    native = f"{given:%Y-%m-%dT%H:%M}" if given else ""
    return context | {"hint": _("dd/mm/yyyy hh:mm"), "text": text, "native": native}


def _date_of(value: date | str) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return typed_dates.read_date(value)
    except ValueError:
        return None


def _moment_of(value: datetime | str) -> datetime | None:
    try:
        moment = value if isinstance(value, datetime) else typed_dates.read_moment(value)
    except ValueError:
        return None
    return timezone.localtime(moment)


def _native(day: date | None) -> str:
    return day.isoformat() if day else ""
