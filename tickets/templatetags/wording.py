"""Filters for times, durations and sizes in the reader's language (tickets.wording), and date fields."""

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
    """Return a day and a time: "today, 14:30"."""
    return wording.format_moment(at, now=now)


@register.filter
def time_of_day(at: datetime) -> str:
    """Return the time of day: "14:30"."""
    return wording.format_time(timezone.localtime(at))


@register.inclusion_tag("shell/date_field.html")
def date_field(
    name: str, value: date | str = "", *, id: str, latest: date | str = "", is_required: bool = False
) -> dict[str, Any]:
    """Render a date field in the reader's notation; `value` is a date, or the text that was typed before."""
    day = _parse_date(value)
    context = {
        "name": name,
        "id": id,
        "latest": _format_native(_parse_date(latest)),
        "is_required": is_required,
    }
    text = f"{day:%d/%m/%Y}" if day else value
    return context | {"type": "date", "hint": _("dd/mm/yyyy"), "text": text, "native": _format_native(day)}


@register.inclusion_tag("shell/date_field.html")
def moment_field(
    name: str, value: datetime | str = "", *, id: str, is_required: bool = False
) -> dict[str, Any]:
    """Render a field for a date and a time; `value` is a datetime, or the text that was typed before."""
    moment = _parse_moment(value)
    context = {"name": name, "id": id, "is_required": is_required, "type": "datetime-local"}
    text = f"{moment:%d/%m/%Y %H:%M}" if moment else value
    native = f"{moment:%Y-%m-%dT%H:%M}" if moment else ""
    return context | {"hint": _("dd/mm/yyyy hh:mm"), "text": text, "native": native}


def _parse_date(value: date | str) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return typed_dates.read_date(value)
    except ValueError:
        return None


def _parse_moment(value: datetime | str) -> datetime | None:
    try:
        moment = value if isinstance(value, datetime) else typed_dates.read_moment(value)
    except ValueError:
        return None
    return timezone.localtime(moment)


def _format_native(day: date | None) -> str:
    return day.isoformat() if day else ""
