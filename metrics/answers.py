"""Answer a question: the figure, its split by queue, its course. Pages, lists and the API ask here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models.functions import ExtractHour, ExtractWeekDay, TruncDay, TruncWeek

from metrics.definitions.backlog import Backlog
from metrics.figure import Figure
from metrics.metric import Group, Metric
from metrics.question import Question


@dataclass(frozen=True)
class Point:
    """One step of a course: a day, or an ISO week cut to the period."""

    first: date
    last: date
    figure: Figure


def figure(metric: Metric, question: Question) -> Figure:
    """Return the number that was asked for."""
    return metric.compute((group for _key, group in metric.groups(question)), question)


def by_queue(metric: Metric, question: Question) -> dict[int, Figure]:
    """Return a figure for each queue asked for, also for those without any row."""
    found = _split(metric.groups(question, "queue_id"))
    return {queue: metric.compute(found.get((queue,), []), question) for queue in question.queues}


def course(metric: Metric, question: Question) -> list[Point]:
    """Return the figure step by step through the period, steps without any row included."""
    return figure_and_course(metric, question)[1]


def figure_and_course(metric: Metric, question: Question) -> tuple[Figure, list[Point]]:
    """Return the number and its course, from one look at the rows."""
    steps = list(_steps(question))
    if isinstance(metric, Backlog):  # a stock has no rows of its own in each step
        levels = metric.levels(question, [question.on(*step) for step in steps])
        return figure(metric, question), [
            Point(*step, level) for step, level in zip(steps, levels, strict=True)
        ]
    trunc: Any = TruncDay if question.period.step == "day" else TruncWeek
    at = trunc(metric.moment, tzinfo=question.period.zone_info)
    groups = metric.groups(question, "step_at", step_at=at)
    by_day = {key[0].date(): found for key, found in _split(groups).items()}
    return metric.compute((group for _key, group in groups), question), [
        Point(first, last, metric.compute(by_day.get(_named(first, question), []), question.on(first, last)))
        for first, last in steps
    ]


def by_hour(metric: Metric, question: Question) -> dict[tuple[int, int], int]:
    """Return how many rows of the number began in each hour of the week: {(weekday, hour): count}.

    Weekdays count from 1, Sunday, like a question's.
    """
    zone = question.period.zone_info
    groups = metric.groups(
        question,
        "weekday_of",
        "hour_of",
        weekday_of=ExtractWeekDay(metric.moment, tzinfo=zone),
        hour_of=ExtractHour(metric.moment, tzinfo=zone),
    )
    found: dict[tuple[int, int], int] = defaultdict(int)
    for (weekday, hour), group in groups:
        if metric.part(group.part).role != "excluded":
            found[(weekday, hour)] += group.count
    return dict(found)


def _split(groups: list[tuple[tuple[Any, ...], Group]]) -> dict[tuple[Any, ...], list[Group]]:
    found: dict[tuple[Any, ...], list[Group]] = defaultdict(list)
    for key, group in groups:
        found[key].append(group)
    return found


def _steps(question: Question) -> list[tuple[date, date]]:
    period = question.period
    today = question.now.astimezone(period.zone_info).date()
    end = min(period.last, max(today, period.first))
    steps, first = [], period.first
    while first <= end:
        last = first if period.step == "day" else first + timedelta(days=6 - first.weekday())
        steps.append((first, min(last, period.last)))
        first = last + timedelta(days=1)
    return steps


def _named(first: date, question: Question) -> date:
    """Return the day by which the database names the step that begins here: an ISO week's Monday."""
    return first if question.period.step == "day" else first - timedelta(days=first.weekday())
