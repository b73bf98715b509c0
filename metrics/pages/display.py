"""Figures as text: "91 %", "3 h 12", "4 of 7", and the sentence on the basis of a number."""

from __future__ import annotations

from django.utils.translation import gettext as _

from metrics.asking.durations import Quantile
from metrics.asking.figure import Share
from metrics.asking.intervals import Interval, OpenInterval, Reading
from tickets.wording import format_count, format_duration, format_percent, keep_on_one_line


def format_percent_range(interval: Interval) -> str:
    """Return an interval of a share: "83–95 %"."""
    ends = {"low": round(interval.low * 100), "high": round(interval.high * 100)}
    return keep_on_one_line(_("%(low)s–%(high)s %%") % ends)


def format_share(value: Share) -> str:
    """Return a share's headline: a percentage, or "4 of 7" while there are too few to say more."""
    if value.value is None:
        return "–"
    if value.reading is Reading.COUNT:
        return format_k_of_n(value)
    return format_percent(value.value)


def format_k_of_n(value: Share) -> str:
    """Return "77 of 85"."""
    return _("%(k)s of %(n)s") % {"k": format_count(value.numerator), "n": format_count(value.denominator)}


def format_quantile(value: Quantile) -> str:
    """Return a quantile, or "more than 3 h" if it exceeds the longest duration so far."""
    if value.seconds is None:
        return _("more than %(duration)s") % {"duration": format_duration(value.longest)}
    return format_duration(value.seconds)


def format_duration_range(interval: OpenInterval) -> str:
    """Return an interval of a duration: "2 h 10–3 h 40", with open sides said in words."""
    low, high = interval.low, interval.high
    if low is None and high is None:
        return _("too few for an interval")
    if low is None:
        return _("at most %(duration)s") % {"duration": format_duration(high or 0)}
    if high is None:
        return _("at least %(duration)s") % {"duration": format_duration(low)}
    return f"{format_duration(low)}–{format_duration(high)}"
