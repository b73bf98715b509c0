"""Waits: those who wait still count, and whoever has waited long has less or more to wait."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.estimates.spread import Spread

HUNDRED = [60.0 * n for n in range(1, 101)]


def test_without_anybody_waiting_they_are_the_answers_own():
    assert Spread(HUNDRED, []).answers() == (100, 50 * 60.0, 80 * 60.0)


def test_who_waits_still_makes_waits_longer():
    quick, backlog = [60.0] * 50, [3600.0] * 50
    assert Spread(quick, []).answers().most == 60.0
    assert Spread(quick, backlog).answers().most > 3600.0


def test_who_has_just_come_changes_nothing():
    assert Spread(HUNDRED, [0.0] * 500).answers() == Spread(HUNDRED, []).answers()


def test_what_is_left_is_told_by_those_who_waited_longer():
    assert Spread(HUNDRED, []).still_to_wait(60 * 60.0) == (40, 20 * 60.0, 32 * 60.0)


def test_beyond_all_that_is_known_it_takes_as_long_again():
    assert Spread(HUNDRED, []).still_to_wait(9000.0) == (100, 4500.0, 9000.0)


def test_without_any_answer_nothing_is_known():
    assert Spread([], [60.0]).answers() == (0, None, None)


seconds = st.lists(st.integers(1, 90_000), max_size=20)


@given(seconds.filter(bool), seconds)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_end_is_never_before_the_middle(answered, waiting):
    found = Spread(answered, waiting).answers()
    assert 0 < found.half <= found.most
    assert found.most >= Spread(answered, []).answers().most
