"""Counting over all processes, several limits in one statement."""

from datetime import timedelta

import pytest

from tests.make import NOON
from tickets import rates
from tickets.errors import TooMany
from tickets.models.rate import RateBucket

HOUR, DAY = rates.Limit("a", 2, timedelta(hours=1)), rates.Limit("a", 3, timedelta(days=1))


@pytest.mark.django_db
def test_limits_are_counted_together_and_told_apart():
    told = [rates.beyond([HOUR, DAY], now=NOON) for _ in range(4)]
    assert told == [[], [], [HOUR], [HOUR, DAY]]


@pytest.mark.django_db
def test_a_new_window_begins_at_nothing():
    for _ in range(3):
        rates.beyond([HOUR], now=NOON)
    assert rates.beyond([HOUR], now=NOON + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_each_limit_is_demanded_in_turn():
    rates.demand_each([HOUR, DAY], now=NOON)
    rates.demand_each([HOUR, DAY], now=NOON)
    with pytest.raises(TooMany):
        rates.demand_each([HOUR, DAY], now=NOON)


@pytest.mark.django_db
def test_what_is_beyond_one_limit_counts_under_none_after_it():
    own, shared = rates.Limit("own", 1, timedelta(hours=1)), rates.Limit("shared", 9, timedelta(hours=1))
    rates.demand_each([own, shared], now=NOON)
    for _ in range(3):
        with pytest.raises(TooMany):
            rates.demand_each([own, shared], now=NOON)
    assert dict(RateBucket.objects.values_list("key", "count")) == {own.row: 4, shared.row: 1}


@pytest.mark.django_db
@pytest.mark.parametrize("holds", [True, False])
def test_nothing_is_counted_where_a_condition_holds(holds):
    counted = rates.demand_each([HOUR, DAY], now=NOON, unless=rates.Condition("%s::boolean", [holds]))
    assert (counted, RateBucket.objects.count()) == (not holds, 0 if holds else 2)
