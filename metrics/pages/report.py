"""What a page says about a metric: headline, sample, population line, course and queues, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.asking.durations import NINETY, Quantile
from metrics.asking.figure import Figure, Part, Role, Share, Times
from metrics.asking.intervals import Reading
from metrics.asking.metric import Metric
from metrics.asking.question import Question
from metrics.catalogue import answers
from metrics.pages import charts, display
from metrics.pages.charts import Line, Step
from metrics.pages.headline import Headline
from tickets import wording
from tickets.models import Queue

UNITS = (86_400, 3600, 60, 1)


@dataclass(frozen=True)
class Row:
    """One line of a table: a step of the course, a queue, or a part, with the address of its tickets."""

    label: str
    headline: Headline
    url: str
    n: int = 0
    width: int = 0
    cells: Sequence[str] = ()


@dataclass(frozen=True)
class Counted:
    """One part of the population: number of rows, their part in the number, and the URL of their list."""

    part: Part
    count: int
    url: str

    @property
    def is_excluded(self) -> bool:
        return self.part.role is Role.EXCLUDED


@dataclass(frozen=True)
class Card:
    """A metric on the overview."""

    metric: Metric
    headline: Headline
    url: str
    tickets_url: str
    spark: str


@dataclass(frozen=True)
class Links:
    """Addresses that ask the same question again, or a part of it."""

    given: Mapping[str, str] = field(default_factory=dict)

    def metric(self, slug: str) -> str:
        """Return the page of a metric."""
        return self._url("metrics:metric", slug, {})

    def tickets(self, slug: str, **more: Any) -> str:
        """Return the list of the tickets behind a number, or behind a part of it."""
        return self._url("metrics:tickets", slug, more)

    def days(self, first: date, last: date) -> dict[str, str]:
        """Return the parameters of other days."""
        return {"from": first.isoformat(), "to": last.isoformat(), "days": ""}

    def _url(self, name: str, slug: str, more: Mapping[str, Any]) -> str:
        kept = {key: value for key, value in {**self.given, **more}.items() if value not in ("", None)}
        address = reverse(name, args=[slug])
        return f"{address}?{urlencode(kept)}" if kept else address


def build_cards(metrics: Mapping[str, Metric], question: Question, links: Links) -> list[Card]:
    """Return the overview: every metric that can be asked this question."""
    applicable = [m for m in metrics.values() if question.person is None or m.person]
    return [_card(metric, question, links) for metric in applicable]


def build_headline(metric: Metric, figure: Figure) -> Headline:
    """Return a figure in words."""
    if figure.share is not None:
        return _of_share(metric, figure, figure.share)
    if figure.times is not None:
        return _of_times(metric, figure.times)
    count = figure.amount.count if figure.amount else 0
    oldest = figure.amount.oldest if figure.amount else None
    words = _("%(unit)s; oldest: %(age)s") if oldest is not None else "%(unit)s"
    unit = {"unit": metric.describe_rows(count), "age": wording.format_duration(oldest or 0)}
    return Headline(wording.format_count(count), words % unit)


def list_parts(metric: Metric, figure: Figure, links: Links) -> list[Counted]:
    """Return every part that has rows, each with the list of its tickets."""
    return [
        Counted(part, figure.parts[part.slug], links.tickets(metric.slug, part=part.slug))
        for part in metric.parts
        if figure.parts.get(part.slug)
    ]


def build_course(metric: Metric, points: Sequence[answers.Point], links: Links) -> tuple[Line, list[Row]]:
    """Return the course as a chart and as the table of the same numbers."""
    steps = [_step(point) for point in points]
    rows = [
        Row(
            step.label,
            build_headline(metric, point.figure),
            links.tickets(metric.slug, **links.days(point.first, point.last)),
            n=point.figure.n,
        )
        for step, point in zip(steps, points, strict=True)
    ]
    kind = points[0].figure if points else Figure({})
    if kind.share is not None:
        return charts.draw_line(steps, words=wording.format_percent, top=1.0), rows
    if kind.times is not None:
        return charts.draw_line(steps, words=wording.format_duration, top=_top(steps)), rows
    return charts.draw_line(steps, words=lambda value: wording.format_count(round(value))), rows


def build_queue_rows(metric: Metric, figures: Mapping[int, Figure], links: Links) -> list[Row]:
    """Return one row a queue, in the queues' own order."""
    named = Queue.objects.in_bulk(list(figures))
    ordered = sorted((q for q in figures if q in named), key=lambda q: (named[q].position, q))
    lengths = charts.scale_widths([_measure(figures[queue]) for queue in ordered])
    if metric.parts and figures and next(iter(figures.values())).share is not None:
        lengths = [round(100 * _measure(figures[queue])) for queue in ordered]
    return [
        Row(
            named[queue].label(),
            build_headline(metric, figures[queue]),
            links.tickets(metric.slug, queue=named[queue].slug),
            n=figures[queue].n,
            width=length,
        )
        for queue, length in zip(ordered, lengths, strict=True)
    ]


def describe_clocks(times: Times) -> list[tuple[str, Sequence[tuple[Quantile, str, str]]]]:
    """Return both clocks' quantiles in words: (clock, [(quantile, value, interval)])."""
    both = ((_("Around the clock"), times.wall), (_("In business hours"), times.open))
    return [
        (
            name,
            [(q, display.format_quantile(q), display.format_duration_range(q.interval)) for q in quantiles],
        )
        for name, quantiles in both
    ]


def _card(metric: Metric, question: Question, links: Links) -> Card:
    course = answers.compute_course(metric, question)
    return Card(
        metric,
        build_headline(metric, course.figure),
        links.metric(metric.slug),
        links.tickets(metric.slug),
        charts.draw_spark([_spark_value(point.figure) for point in course.points]),
    )


def _of_share(metric: Metric, figure: Figure, share: Share) -> Headline:
    words = {
        "sample": metric.describe_rows(share.denominator, display.format_k_of_n(share)),
        "unit": metric.unit,
        "range": display.format_percent_range(share.interval),
    }
    few = share.reading is Reading.COUNT
    if share.is_early:
        return _too_early(metric, share)
    if not share.denominator:
        sample = _("no %(unit)s to measure yet") % words
    elif few:
        sample = _("%(unit)s: too few for a percentage") % words
    else:
        sample = _("%(sample)s, %(range)s") % words
    if figure.scores is not None and figure.scores.mean is not None and not few:
        sample += _("; mean %(mean)s of 7") % {"mean": wording.format_decimal(figure.scores.mean, 1)}
    return Headline(
        display.format_share(share),
        sample,
        caution=_caution(share),
        is_faint=share.reading is Reading.FAINT,
        is_provisional=bool(share.provisional),
    )


def _too_early(metric: Metric, share: Share) -> Headline:
    """Failures are known before successes: while most is open, a percentage would mislead."""
    n = share.denominator + share.provisional
    total = {"rows": metric.describe_rows(n, wording.format_count(n))}
    return Headline(
        _("%(k)s so far") % {"k": wording.format_count(share.numerator)},
        _("of %(rows)s: too early for a percentage") % total,
        caution=_caution(share),
        is_provisional=True,
    )


def _caution(share: Share) -> str:
    if share.bounds is None:
        return ""
    low, high = map(wording.format_percent, share.bounds)
    return ngettext(
        "%(n)s is provisional: it will end between %(low)s and %(high)s.",
        "%(n)s are provisional: it will end between %(low)s and %(high)s.",
        share.provisional,
    ) % {"n": wording.format_count(share.provisional), "low": low, "high": high}


def _of_times(metric: Metric, times: Times) -> Headline:
    if not times.wall:
        return Headline("–", _("no %(unit)s yet") % {"unit": metric.unit})
    ninety = next(q for q in times.wall if q.p == NINETY)
    rows = metric.describe_rows(times.n, wording.format_count(times.n))
    words = {"rows": rows, "ninety": display.format_quantile(ninety)}
    caution = ""
    if times.lasting:
        caution = _("Still waiting: %(n)s, counted with the time so far.") % {
            "n": wording.format_count(times.lasting)
        }
    if times.reading is Reading.COUNT:
        return Headline(
            display.format_quantile(times.wall[0]), _("half of only %(rows)s") % words, caution, is_faint=True
        )
    is_known = ninety.seconds is not None  # else so many still wait that nine in ten have not ended
    return Headline(
        display.format_quantile(times.wall[0]),
        (
            _("for half of %(rows)s; nine in ten within %(ninety)s")
            if is_known
            else _("for half of %(rows)s; at least one in ten takes %(ninety)s")
        )
        % words,
        caution,
        is_faint=times.reading is Reading.FAINT,
    )


def _step(point: answers.Point) -> Step:
    label, figure = wording.format_short_date(point.first), point.figure
    if figure.share is not None:
        if figure.share.shown is None:
            return Step(label, None)  # the table says "k of n"
        interval = figure.share.interval
        return Step(label, figure.share.shown, interval.low, interval.high, figure.is_provisional)
    if figure.times is not None:
        if not figure.times.wall:
            return Step(label, None)
        median, ninety = figure.times.wall[0], figure.times.wall[1]
        return Step(
            label,
            median.seconds,
            median.interval.low,
            median.interval.high,
            bool(figure.times.lasting),
            second=ninety.seconds,
        )
    return Step(label, float(figure.n))


def _top(steps: Sequence[Step]) -> float:
    """Return a top that is round in the unit a person would use: days, hours, minutes."""
    peak = max((v for s in steps for v in (s.value, s.second) if v is not None), default=0.0)
    unit = next((u for u in UNITS if peak >= 2 * u), 1)
    return charts.round_top(peak / unit) * unit


def _measure(figure: Figure) -> float:
    if figure.share is not None:
        return figure.share.value or 0.0
    if figure.times is not None:
        return (figure.times.wall[0].seconds or figure.times.wall[0].longest) if figure.times.wall else 0.0
    return float(figure.n)


def _spark_value(figure: Figure) -> float | None:
    if figure.share is not None:
        return None if figure.share.is_early else figure.share.value
    if figure.times is not None:
        return figure.times.wall[0].seconds if figure.times.wall else None
    return float(figure.n)
