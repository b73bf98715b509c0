"""When a promise is endangered, as a table of cases; and which new range is promised."""

from datetime import UTC, datetime, timedelta

import pytest

from tickets.hours.business_time import ALWAYS_OPEN, Hours, Interval
from tickets.promises import keeping
from tickets.promises.keeping import ExpectedRange, StandingPromise

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def standing(changes=0, due=60, is_answer=True):
    return StandingPromise(NOON, at(due), NOON, changes, is_answer)


@pytest.mark.parametrize(
    ("now", "middle", "end", "is_endangered"),
    [
        (10, 20, 50, False),  # all is well
        (10, 50, 200, False),  # late perhaps, in time more likely
        (10, 61, 62, True),  # late more likely than not
        (47, 50, 100, False),
        (48, 50, 100, True),  # 80 % of its time, and the rest may not be enough
        (48, 50, 60, False),  # the rest is enough
        (60, 61, 62, True),  # late
        (90, 91, 92, True),
    ],
)
def test_danger_by_time_and_estimate(now, middle, end, is_endangered):
    expected = ExpectedRange(at(middle), at(end))
    assert keeping.is_endangered(standing(), expected, ALWAYS_OPEN, now=at(now)) is is_endangered


def test_nobody_who_can_say_is_no_danger_at_first():
    assert not keeping.is_endangered(standing(), None, ALWAYS_OPEN, now=at(10))
    assert keeping.is_endangered(standing(), None, ALWAYS_OPEN, now=at(48))


def test_a_calls_window_is_no_matter_of_estimates():
    expected = ExpectedRange(at(100), at(200))
    assert not keeping.is_endangered(standing(is_answer=False), expected, ALWAYS_OPEN, now=at(10))


def test_closed_hours_are_no_part_of_its_time():
    hours = Hours((Interval(NOON - HOUR, at(10)), Interval(at(600), at(1200))))
    over_night = standing(due=650)
    far = ExpectedRange(at(620), at(700))
    assert not keeping.is_endangered(over_night, far, hours, now=at(590))  # 10 of 60 open minutes
    assert keeping.is_endangered(over_night, far, hours, now=at(640))


@pytest.mark.parametrize(
    ("changes", "minutes", "is_live", "may"),
    [
        (0, 1, False, True),
        (1, 59, False, False),
        (1, 60, False, True),
        (2, 600, False, False),
        (1, 10, True, True),
    ],
)
def test_at_most_so_often(changes, minutes, is_live, may):
    assert keeping.may_change_now(standing(changes), ALWAYS_OPEN, is_live=is_live, now=at(minutes)) is may


def test_the_new_time_lasts_until_another_may_be_said():
    anew = keeping.choose_new_range(ExpectedRange(at(5), at(15)), ALWAYS_OPEN, is_live=False, now=NOON)
    assert anew.until_at == at(75)
    next_one = StandingPromise(NOON, anew.until_at, NOON, 1)
    moment = at(60)  # 80 % of its time
    assert keeping.may_change_now(next_one, ALWAYS_OPEN, is_live=False, now=moment)
