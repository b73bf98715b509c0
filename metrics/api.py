"""/api/v1/metrics/: the same answers as the pages, by the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.asking.durations import Quantile
from metrics.asking.figure import Figure
from metrics.asking.metric import Metric
from metrics.asking.question import Question, parse_question
from metrics.catalogue import answers
from metrics.catalogue.registry import get_metric as find
from metrics.catalogue.registry import load_metrics
from metrics.models import Watermark
from tickets.api.base import Resource
from tickets.clock import database_now
from tickets.errors import Invalid
from tickets.models import Queue

PAGE = 500
LAST_PAGE = 10_000
ASKED = [
    OpenApiParameter("from", str, description="First day, as 2026-11-18."),
    OpenApiParameter("to", str, description="Last day; today when left out."),
    OpenApiParameter("days", int, description="The last so many days; 28 when no day is given."),
    OpenApiParameter("queue", str, description="A queue's short name; all of the key's owner when left out."),
    OpenApiParameter("window", int, description="Repeat window in days: 1, 3, 7, 14 or 30."),
    OpenApiParameter("channel", str, description="A channel's short name."),
    OpenApiParameter("person", str, description="`me`, or the id of somebody the key's owner coaches."),
    OpenApiParameter("weekday", int, description="One day of the week only: 1 (Sunday) to 7."),
    OpenApiParameter("hour", int, description="One hour of the day only: 0 to 23."),
]
LISTED = [
    *ASKED,
    OpenApiParameter("part", str, description="One part only."),
    OpenApiParameter("page", int, description=f"From 1 to {LAST_PAGE}."),
]


class PartSerializer(serializers.Serializer[Any]):
    """Rows that are alike: what they are to the number, and how many there are."""

    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=["good", "bad", "provisional", "excluded"])
    count = serializers.IntegerField(required=False)


class MetricSerializer(serializers.Serializer[Any]):
    """A metric explaining itself."""

    slug = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    better = serializers.ChoiceField(choices=["higher", "lower"])
    version = serializers.IntegerField()
    formula = serializers.CharField()
    remarks = serializers.ListField(child=serializers.CharField())
    based_on = serializers.CharField()
    parts = PartSerializer(many=True)


class FigureSerializer(serializers.Serializer[Any]):
    """A number with n, interval and what was left out; the fields that do not fit the metric are null.

    A share runs from 0 to 1, its value is null below ten observations (thirty for one person) and while
    more is provisional than decided. Times are seconds; a quantile beyond all that has ended is null.
    """

    n = serializers.IntegerField()
    parts = serializers.DictField(child=serializers.IntegerField())
    numerator = serializers.IntegerField(allow_null=True)
    provisional = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    interval = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    bounds = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    times = serializers.DictField(allow_null=True)
    amount = serializers.DictField(allow_null=True)
    scores = serializers.DictField(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    """One day or week of the course, or one queue."""

    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)
    queue = serializers.CharField(required=False)
    figure = FigureSerializer()


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer to a question: the number, its course and its queues, and what was asked."""

    metric = MetricSerializer()
    first = serializers.DateField()
    last = serializers.DateField()
    time_zone = serializers.CharField()
    window = serializers.IntegerField(allow_null=True)
    data_of = serializers.DateTimeField(allow_null=True)
    figure = FigureSerializer()
    course = StepSerializer(many=True)
    queues = StepSerializer(many=True)


class CountedTicketsSerializer(serializers.Serializer[Any]):
    """The rows behind a number; a ticket stands there once for each row."""

    count = serializers.IntegerField()
    tickets = serializers.ListField(child=serializers.IntegerField())


class MetricList(Resource):
    """The metrics there are."""

    @extend_schema(responses=MetricSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([_described(metric) for metric in load_metrics().values()])


class MetricAnswer(Resource):
    """One metric's answer."""

    parameters = tuple(parameter.name for parameter in ASKED)

    @extend_schema(responses=AnswerSerializer, parameters=ASKED)
    def get(self, request: Request, slug: str) -> Response:
        metric, question = find(slug), self._question(request)
        course = answers.compute_course(metric, question)
        names = dict(Queue.objects.filter(pk__in=question.queues).values_list("pk", "slug"))
        queues = answers.compute_by_queue(metric, question)
        return Response(
            {
                "metric": _described(metric, course.figure.parts),
                "first": question.period.first,
                "last": question.period.last,
                "time_zone": question.period.zone_info.key,
                "window": question.window if metric.uses_window else None,
                "data_of": Watermark.objects.values_list("refreshed_at", flat=True).first(),
                "figure": _shown(course.figure),
                "course": [
                    {"first": p.first, "last": p.last, "figure": _shown(p.figure)} for p in course.points
                ],
                "queues": [{"queue": names[pk], "figure": _shown(f)} for pk, f in queues.items()],
            }
        )

    def _question(self, request: Request) -> Question:
        return parse_question(request.query_params.dict(), by=self.actor, now=database_now())


class MetricTickets(MetricAnswer):
    """The tickets behind a number or a part of it, newest first, 500 a page."""

    parameters = tuple(parameter.name for parameter in LISTED)

    @extend_schema(responses=CountedTicketsSerializer, parameters=LISTED)
    def get(self, request: Request, slug: str) -> Response:
        metric, question = find(slug), self._question(request)
        rows = metric.tickets(question, request.query_params.get("part", ""))
        start = (_page(request.query_params.get("page", "1")) - 1) * PAGE
        numbers = list(rows.values_list("row_ticket", flat=True)[start : start + PAGE])
        return Response({"count": rows.count(), "tickets": numbers})


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= LAST_PAGE):
        raise Invalid(_("“page” is a number from 1 to %(last)s.") % {"last": LAST_PAGE}, code="page")
    return int(text)


def _described(metric: Metric, counts: Mapping[str, int] | None = None) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"slug": p.slug, "name": str(p.label), "role": p.role.value} for p in metric.parts
    ]
    if counts is not None:
        for part in parts:
            part["count"] = counts.get(part["slug"], 0)
    return {
        "slug": metric.slug,
        "name": str(metric.label),
        "unit": str(metric.unit),
        "better": metric.better,
        "version": metric.version,
        "formula": metric.formula,
        "remarks": metric.remarks,
        "based_on": str(metric.source),
        "parts": parts,
    }


def _shown(figure: Figure) -> dict[str, Any]:
    share, times, amount, scores = figure.share, figure.times, figure.amount, figure.scores
    return {
        "n": figure.n,
        "parts": dict(figure.parts),
        "numerator": share.numerator if share else None,
        "provisional": share.provisional if share else None,
        "value": share.shown if share else None,
        "interval": [share.interval.low, share.interval.high] if share else None,
        "bounds": share.bounds if share else None,
        "times": times
        and {
            "waiting": times.lasting,
            "customer_seconds": _quantiles(times.wall),
            "open_seconds": _quantiles(times.open),
        },
        "amount": amount
        and {
            "by_kind": dict(amount.by_kind),
            "age_seconds": _quantiles(amount.ages),
            "oldest_seconds": amount.oldest,
            "older_than_days": dict(amount.older_than),
        },
        "scores": scores and {"counts": dict(scores.counts), "mean": scores.mean},
    }


def _quantiles(quantiles: Sequence[Quantile]) -> dict[str, Any]:
    return {
        f"p{round(q.p * 100)}": {"seconds": q.seconds, "interval": [q.interval.low, q.interval.high]}
        for q in quantiles
    }
