"""Times, durations, numbers and sizes in the reader's language, as `tickets.wording` says them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from tickets import wording

register = template.Library()
for say in (
    wording.between,
    wording.by_moment,
    wording.date_in_full,
    wording.moment_in_full,
    wording.short_moment,
    wording.size,
):
    register.filter(say.__name__, say)


@register.filter
def moment(at: datetime, now: datetime) -> str:
    """Return a moment in words: "today, 14:30"."""
    return wording.moment(at, now=now)


@register.filter
def time_of_day(at: datetime) -> str:
    """Return the time of day: "14:30"."""
    return wording.clock(timezone.localtime(at))
