"""Figures in words: "91 %", "3 h 12", "4 of 7", and the sentence that says what a number rests on."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from metrics.asking.durations import Quantile
from metrics.asking.figure import Share
from metrics.asking.intervals import Interval, OpenInterval, Reading
from tickets import wording

DAY = 86_400


def format_percent(share: float) -> str:
    """Return a share as whole percent: "91 %". What is not all and not nothing never rounds to it."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return _unbroken(_("%(n)s %%") % {"n": whole})


def format_percent_range(interval: Interval) -> str:
    """Return an interval of a share: "83–95 %"."""
    ends = {"low": round(interval.low * 100), "high": round(interval.high * 100)}
    return _unbroken(_("%(low)s–%(high)s %%") % ends)


def format_duration(seconds: float) -> str:
    """Return a duration: "32 s", "4 min", "3 h 12", "2 d 5 h", "45 d"."""
    if seconds < DAY - 30:
        return _unbroken(wording.length(seconds))
    hours = round(seconds / 3600)
    days, rest = divmod(hours, 24)
    if days >= 10 or rest == 0:
        return _unbroken(_("%(days)s d") % {"days": format_count(round(seconds / DAY))})
    return _unbroken(_("%(days)s d %(hours)s h") % {"days": days, "hours": rest})


def format_count(number: int) -> str:
    """Return a count with its thousands set apart as the language does."""
    return number_format(number, use_l10n=True, force_grouping=True)


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
    """Return a quantile, or "more than 3 h" where it lies beyond all that has ended so far."""
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


def _unbroken(words: str) -> str:
    """Keep a number and its unit on one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")
