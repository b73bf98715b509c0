"""Shifts in the agent's own wall-clock time, laid ahead, and what they mean for routing."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from routing.dispatch import run
from routing.models import Agent, Leave, Shift, ShiftPattern
from routing.workforce import shifts
from tests.cast import NOON
from tests.routing.scene import assignee, chat, load_work_item, mail, there


def pattern(agent, starts, ends, weekday=2, **fields):
    return ShiftPattern.objects.create(
        agent=agent, weekday=weekday, starts=time(starts), ends=time(ends), **fields
    )


def laid(agent):
    return [
        (shift.during.lower.astimezone(UTC), shift.during.upper.astimezone(UTC))
        for shift in Shift.objects.filter(agent=agent)
    ]


def test_eight_weeks_are_laid_once(cast):
    pattern(there(cast.alice), 9, 17)
    assert shifts.plan_shifts(NOON) == 9  # today's has begun
    assert shifts.plan_shifts(NOON) == 0


def test_wall_clock_stays_the_same_when_the_clocks_change(cast):
    alice = there(cast.alice, time_zone="Europe/Paris")
    pattern(alice, 9, 17)
    before_change = datetime(2026, 10, 20, 0, 0, tzinfo=UTC)
    shifts.plan_shifts(before_change)
    starts = [begin.hour for begin, _end in laid(alice)][:2]
    assert starts == [7, 8]  # 9:00 in summer time, then in winter time


def test_zone_is_the_agents_own(cast):
    montreal = there(cast.bob, time_zone="America/Toronto")
    pattern(montreal, 9, 17)
    shifts.plan_shifts(NOON)
    assert laid(montreal)[0][0].hour == 14


def test_shift_over_midnight_ends_the_next_day(cast):
    alice = there(cast.alice, time_zone="Europe/Paris")
    pattern(alice, 22, 6)
    shifts.plan_shifts(NOON)
    begin, end = laid(alice)[0]
    assert end - begin == timedelta(hours=8)


def test_pattern_holds_between_its_days(cast):
    alice = there(cast.alice)
    pattern(alice, 9, 17, valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 9))
    shifts.plan_shifts(NOON)
    assert [begin.date() for begin, _end in laid(alice)] == [date(2026, 12, 2), date(2026, 12, 9)]


def test_shift_set_by_hand_stays(cast):
    alice = there(cast.alice)
    own = Shift.objects.create(
        agent=alice, during=(NOON + timedelta(days=7), NOON + timedelta(days=7, hours=1))
    )
    pattern(alice, 9, 17)
    assert shifts.plan_shifts(NOON) == 8
    assert Shift.objects.filter(pk=own.pk).exists()


def test_changed_pattern_is_laid_again(cast):
    alice = there(cast.alice)
    rule = pattern(alice, 9, 17)
    shifts.plan_shifts(NOON)
    ShiftPattern.objects.filter(pk=rule.pk).update(starts=time(10))
    shifts.replan_shifts(alice, now=NOON)
    starts = {begin.hour for begin, _end in laid(alice)[1:]}
    assert starts == {9}


def test_shifts_of_a_person_cannot_overlap(cast):
    alice = there(cast.alice)
    Shift.objects.create(agent=alice, during=(NOON, NOON + timedelta(hours=2)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(agent=alice, during=(NOON + timedelta(hours=1), NOON + timedelta(hours=3)))


def on_shift(user, hours=4):
    agent = there(user, schedule=Agent.Schedule.PLANNED)
    Shift.objects.create(agent=agent, during=(NOON - timedelta(hours=1), NOON + timedelta(hours=hours)))
    return agent


def test_planned_agent_gets_work_on_shift_only(cast):
    there(cast.alice, schedule=Agent.Schedule.PLANNED)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert load_work_item(ticket).waiting_why["counts"]["shift"] == 1
    on_shift(cast.bob)
    run.run_pass(NOON)
    assert assignee(ticket) == cast.bob


def test_no_chat_begins_shortly_before_the_end_of_a_shift(cast):
    on_shift(cast.alice, hours=0.1)
    ticket = chat(cast)
    run.run_pass(NOON)
    assert load_work_item(ticket).waiting_why["counts"]["shift_ends"] == 1


def test_nobody_on_leave_gets_work(cast):
    alice = on_shift(cast.alice)
    Leave.objects.create(agent=alice, during=(NOON, NOON + timedelta(days=1)))
    ticket = mail(cast)
    run.run_pass(NOON)
    assert load_work_item(ticket).waiting_why["counts"]["leave"] == 1
