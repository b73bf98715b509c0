"""What only some metrics show: answers on their scale, ages of a stock, the curve of coming back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.asking.figure import Amount, Scores
from metrics.asking.metric import Metric
from metrics.asking.question import Question
from metrics.definitions.repeat_contacts import RepeatContacts
from metrics.pages import charts, display
from metrics.pages.charts import Line, Step
from metrics.surveys import wording as survey_wording
from metrics.surveys.wording import CURRENT, SCALE
from tickets import wording


@dataclass(frozen=True)
class Bar:
    """One row of bars: a name, a length of 100, and the number in words."""

    label: str
    width: int
    value: str


def build_score_bars(scores: Scores, language: str) -> list[Bar]:
    """Return how often each answer of the scale was given."""
    words, counts = (
        survey_wording.wording(CURRENT, language),
        [scores.counts.get(score, 0) for score in SCALE],
    )
    return [
        Bar(f"{score} · {words.answer(score)}", width, wording.format_count(count))
        for score, width, count in zip(SCALE, charts.scale_widths(counts), counts, strict=True)
    ]


def build_kind_bars(metric: Metric, amount: Amount) -> list[Bar]:
    """Return a backlog by `waits_on`."""
    counts = list(amount.by_kind.values())
    return [
        Bar(str(metric.part(slug).label), width, wording.format_count(count))
        for (slug, count), width in zip(amount.by_kind.items(), charts.scale_widths(counts), strict=True)
    ]


def describe_ages(amount: Amount) -> list[tuple[str, str]]:
    """Return how old a stock is: half of it, nine in ten, the oldest, and how many beyond some days."""
    if amount.oldest is None:
        return []
    half, ninety = (display.format_quantile(q) for q in amount.ages)
    return [
        (_("Median age"), half),
        (_("90th percentile of age"), ninety),
        (_("Oldest"), wording.format_duration(amount.oldest)),
        *(
            (
                _("Older than %(age)s") % {"age": wording.format_duration(days * 86_400)},
                wording.format_count(count),
            )
            for days, count in amount.older_than.items()
        ),
    ]


@dataclass(frozen=True)
class Returns:
    """The share of contacts that follow another within so many days: the window is a cut on this curve."""

    chart: Line
    table: Sequence[tuple[int, str]]


def build_return_curve(metric: Metric, question: Question) -> Returns | None:
    """Return the repeat curve for windows of 0 to 30 days, if the metric has one."""
    if not isinstance(metric, RepeatContacts):
        return None
    curve = metric.curve(question)
    steps = [Step(str(day), share.value, share.interval.low, share.interval.high) for day, share in curve]
    most = max((s.high or 0 for s in steps if s.value is not None), default=0)
    chart = charts.draw_line(
        steps, words=wording.format_percent, top=min(1.0, charts.round_top(most)) if most else 1.0
    )
    return Returns(chart, [(day, display.format_share(share)) for day, share in curve])
