"""Time inside a query: the seconds from a row's moment until an instant, plain and in opening hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Extract, Least

from tickets.models import OpeningInterval


def plain_seconds(start: str, end: datetime) -> Any:
    """Return the seconds from the field `start` to `end`."""
    return _seconds(_instant(end), F(start))


def open_seconds(start: str, end: datetime) -> Any:
    """Return the open seconds from the field `start` to `end`, by the row's calendar and its version.

    Plain seconds for rows without a calendar.
    """
    read = Cast(_clock(_instant(end)) - _clock(OuterRef(start)), BigIntegerField())
    return Coalesce(read, plain_seconds(start, end))


def _clock(at: Any) -> Any:
    """Return the reading of the row's calendar at a moment: open seconds before it, or NULL."""
    last = OpeningInterval.objects.filter(
        calendar_id=OuterRef("calendar_id"), version=OuterRef("calendar_version"), open_at__lte=at
    ).order_by("-open_at")
    reading = F("seconds_before") + _seconds(Least(at, F("close_at")), F("open_at"))
    return Subquery(last.annotate(reading=reading).values("reading")[:1], output_field=BigIntegerField())


def _seconds(end: Any, start: Any) -> Any:
    span = ExpressionWrapper(end - start, output_field=DurationField())
    return Cast(Extract(span, "epoch"), BigIntegerField())


def _instant(at: datetime) -> Value:
    return Value(at, output_field=DateTimeField())
