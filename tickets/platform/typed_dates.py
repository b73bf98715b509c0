"""Dates and times that somebody types, as the forms show them (18/11/2026 14:30) or as browsers send them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import get_format

YEARS = range(2000, 2201)


def read_date(text: str) -> date:
    """Return a date of the years 2000 to 2200. Raises ValueError for anything else."""
    text = text.strip()
    return _of_our_years(parse_date(text) or _by_formats(text, "DATE_INPUT_FORMATS").date())


def read_moment(text: str, zone: tzinfo | None = None) -> datetime:
    """Return an aware moment, typed as wall-clock time of `zone` (default: the active one).

    A time that an autumn night has twice means the first of the two.

    Raises:
        ValueError: it is no moment of the years 2000 to 2200.
    """
    text = text.strip()
    moment = _of_our_years(parse_datetime(text) or _by_formats(text, "DATETIME_INPUT_FORMATS"))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or timezone.get_current_timezone())


def _by_formats(text: str, name: str) -> datetime:
    """Read `text` by the formats of the active language that are called `name`."""
    for pattern in get_format(name):
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  (the caller knows the zone)
        except ValueError:
            continue
    raise ValueError(text)


def _of_our_years[D: date](day: D) -> D:
    if day.year not in YEARS:
        raise ValueError(str(day))
    return day
