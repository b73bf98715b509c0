"""Answer a question: the figure, its split by queue, its course. Pages, lists and the API ask here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models.functions import ExtractHour, ExtractWeekDay, TruncDay

from metrics.asking.figure import Figure
from metrics.asking.metric import Group, Metric
from metrics.asking.question import Question
from metrics.definitions.backlog import Backlog

LONGEST_BY_DAY = 35
SHORTEST_BY_WEEK = 13
ENOUGH = 10  # rows a day, on average, for a course by day


@dataclass(frozen=True)
class Point:
    """One step of a course: a day, or an ISO week cut to the period."""

    first: date
    last: date
    figure: Figure


@dataclass(frozen=True)
class Course:
    """A number and how it came about, step by step."""

    figure: Figure
    points: tuple[Point, ...]

    @property
    def is_by_day(self) -> bool:
        return all(point.first == point.last for point in self.points)


def compute_figure(metric: Metric, question: Question) -> Figure:
    """Return the number that was asked for."""
    return metric.compute((group for _key, group in metric.groups(question)), question)


def compute_by_queue(metric: Metric, question: Question) -> dict[int, Figure]:
    """Return a figure for each queue asked for, also for those without any row."""
    groups_by_queue = _split(metric.groups(question, "queue_id"))
    return {queue: metric.compute(groups_by_queue.get((queue,), []), question) for queue in question.queues}


def compute_course(metric: Metric, question: Question) -> Course:
    """Return the figure and its course through the period, from one query.

    Steps are days, or ISO weeks when the period is long or a day has too few rows to say anything.
    """
    if isinstance(metric, Backlog):  # a stock has no rows of its own in each step
        whole = compute_figure(metric, question)
        steps = _steps(question, "day" if question.period.days <= LONGEST_BY_DAY else "week")
        levels = metric.levels(question, [question.on(*step) for step in steps])
        return Course(whole, tuple(Point(*step, level) for step, level in zip(steps, levels, strict=True)))
    day = TruncDay(metric.moment, tzinfo=question.period.zone_info)
    groups = metric.groups(question, "day", day=day)
    whole = metric.compute((group for _key, group in groups), question)
    by_day = {key[0].date(): day_groups for key, day_groups in _split(groups).items()}
    points = []
    for first, last in _steps(question, _step_for(whole, question)):
        inside = [group for day in _days(first, last) for group in by_day.get(day, ())]
        points.append(Point(first, last, metric.compute(inside, question.on(first, last))))
    return Course(whole, tuple(points))


def count_by_hour(metric: Metric, question: Question) -> dict[tuple[int, int], int]:
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
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for (weekday, hour), group in groups:
        if metric.part(group.part).role != "excluded":
            counts[(weekday, hour)] += group.count
    return dict(counts)


def _split(groups: list[tuple[tuple[Any, ...], Group]]) -> dict[tuple[Any, ...], list[Group]]:
    groups_by_key: dict[tuple[Any, ...], list[Group]] = defaultdict(list)
    for key, group in groups:
        groups_by_key[key].append(group)
    return groups_by_key


def _step_for(whole: Figure, question: Question) -> str:
    days = question.period.days
    if days <= SHORTEST_BY_WEEK:
        return "day"
    return "day" if days <= LONGEST_BY_DAY and whole.n >= ENOUGH * days else "week"


def _steps(question: Question, step: str) -> list[tuple[date, date]]:
    """Return the days, or the ISO weeks cut to the period, up to today."""
    period = question.period
    today = question.now.astimezone(period.zone_info).date()
    end = min(period.last, max(today, period.first))
    steps, first = [], period.first
    while first <= end:
        last = first if step == "day" else first + timedelta(days=6 - first.weekday())
        steps.append((first, min(last, period.last)))
        first = last + timedelta(days=1)
    return steps


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
