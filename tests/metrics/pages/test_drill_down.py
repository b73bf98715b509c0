"""Every number opens exactly the rows it counted, whatever happened to the tickets."""

from dataclasses import replace

import pytest

from metrics.catalogue import answers, registry
from metrics.facts import derive
from metrics.models import FactTicket, FactWaitSegment
from tests.metrics.chance import Chance
from tests.metrics.story import DAY, question

SEEDS = range(3)


def happened(cast, now, seed):
    chance = Chance(cast, seed, now)
    for _ in range(60):
        chance.step()
    derive.refresh_facts(now=chance.now)
    return chance.now + DAY


@pytest.mark.parametrize("seed", SEEDS)
def test_each_part_lists_as_many_rows_as_it_counts(cast, now, seed):
    q = question(cast, at=happened(cast, now, seed), days=400)
    for metric in registry.load_metrics().values():
        figure = answers.compute_figure(metric, q)
        assert metric.tickets(q).count() == figure.total
        for part in metric.parts:
            assert metric.tickets(q, part.slug).count() == figure.parts.get(part.slug, 0), (metric.slug, part)


@pytest.mark.parametrize("seed", SEEDS)
def test_queues_and_steps_add_up_to_the_whole(cast, now, seed):
    q = question(cast, at=happened(cast, now, seed), days=400)
    for metric in registry.load_metrics().values():
        total = answers.compute_figure(metric, q).total
        assert sum(f.total for f in answers.compute_by_queue(metric, q).values()) == total, metric.slug
        if metric.slug != "backlog":
            assert sum(p.figure.total for p in answers.compute_course(metric, q).points) == total, metric.slug


@pytest.mark.parametrize("seed", SEEDS)
def test_the_backlog_today_is_what_the_tickets_say(cast, now, seed):
    """Derived from events, the stock equals the waits of the last events, spam and merged ones apart."""
    at = happened(cast, now, seed)
    open_now = FactWaitSegment.objects.filter(ended_at=None).exclude(waits_on="nobody")
    kept = FactTicket.objects.filter(is_spam=False, merged_into_id=None).values("ticket_id")
    q = question(cast, at=at, days=400)
    assert (
        answers.compute_figure(registry.get_metric("backlog"), q).n
        == open_now.filter(ticket_id__in=kept).count()
    )


def test_weeks_and_days_name_the_same_rows(cast, now):
    at = happened(cast, now, 1)
    for days in (30, 35, 36, 100):
        q = question(cast, at=at, days=days)
        metric = registry.get_metric("repeat_contacts")
        points = answers.compute_course(metric, q).points
        assert points[0].first == q.period.first
        assert points[-1].last == q.period.last
        assert sum(p.figure.total for p in points) == answers.compute_figure(metric, q).total


def test_hours_of_the_week_add_up_and_cut_the_same_rows(cast, now):
    q = question(cast, at=happened(cast, now, 2), days=400)
    metric = registry.get_metric("first_human_response")
    hours = answers.count_by_hour(metric, q)
    assert sum(hours.values()) == answers.compute_figure(metric, q).n
    for (weekday, hour), count in list(hours.items())[:5]:
        assert answers.compute_figure(metric, replace(q, weekday=weekday, hour=hour)).n == count


@pytest.mark.parametrize("days", [20, 90])
def test_the_course_of_the_backlog_is_the_backlog_asked_step_by_step(cast, now, days):
    q = question(cast, at=happened(cast, now, 2), days=days)
    metric = registry.get_metric("backlog")
    for point in answers.compute_course(metric, q).points:
        asked = answers.compute_figure(metric, q.on(point.first, point.last))
        assert {k: v for k, v in point.figure.parts.items() if v} == asked.parts, point.first
