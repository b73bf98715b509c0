"""Parse dates and times that people type (18/11/2026 14:30) or that browsers send (2026-11-18T14:30)."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import get_format

YEARS = range(2000, 2201)


def read_date(text: str) -> date:
    """Return the date in a text. Raises ValueError if it is none, or not from the years 2000 to 2200."""
    text = text.strip()
    return _check_year(parse_date(text) or _by_formats(text, "DATE_INPUT_FORMATS").date())


def read_moment(text: str, zone: tzinfo | None = None) -> datetime:
    """Return the aware datetime in a text, read as wall-clock time of `zone` (default: the active one).

    A time that occurs twice, in the night when summer time ends, means the first of the two.

    Raises:
        ValueError: it is no date and time, or not from the years 2000 to 2200.
    """
    text = text.strip()
    moment = _check_year(parse_datetime(text) or _by_formats(text, "DATETIME_INPUT_FORMATS"))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or timezone.get_current_timezone())


def _by_formats(text: str, name: str) -> datetime:
    """Parse `text` by the active language's formats called `name`. Raises ValueError if none fits."""
    for pattern in get_format(name):
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  (the caller knows the zone)
        except ValueError:
            continue
    raise ValueError(text)


def _check_year[D: date](day: D) -> D:
    if day.year not in YEARS:
        raise ValueError(str(day))
    return day
