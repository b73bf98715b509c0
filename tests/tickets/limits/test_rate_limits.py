"""Rate limits hold for all processes; several are counted in one statement."""

from datetime import timedelta

import pytest

from tests.make import NOON
from tickets.errors import TooMany
from tickets.limits import rate_limits
from tickets.models.rate import RateBucket

HOUR, DAY = rate_limits.Limit("a", 2, timedelta(hours=1)), rate_limits.Limit("a", 3, timedelta(days=1))


@pytest.mark.django_db
def test_limits_are_counted_together_and_told_apart():
    told = [rate_limits.count_and_find_exceeded([HOUR, DAY], now=NOON) for _ in range(4)]
    assert told == [[], [], [HOUR], [HOUR, DAY]]


@pytest.mark.django_db
def test_a_new_window_begins_at_nothing():
    for _ in range(3):
        rate_limits.count_and_find_exceeded([HOUR], now=NOON)
    assert rate_limits.count_and_find_exceeded([HOUR], now=NOON + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_each_limit_is_demanded_in_turn():
    rate_limits.enforce_limits([HOUR, DAY], now=NOON)
    rate_limits.enforce_limits([HOUR, DAY], now=NOON)
    with pytest.raises(TooMany):
        rate_limits.enforce_limits([HOUR, DAY], now=NOON)


@pytest.mark.django_db
def test_what_is_beyond_one_limit_counts_under_none_after_it():
    own, shared = (
        rate_limits.Limit("own", 1, timedelta(hours=1)),
        rate_limits.Limit("shared", 9, timedelta(hours=1)),
    )
    rate_limits.enforce_limits([own, shared], now=NOON)
    for _ in range(3):
        with pytest.raises(TooMany):
            rate_limits.enforce_limits([own, shared], now=NOON)
    assert dict(RateBucket.objects.values_list("key", "count")) == {
        own.key_in_table: 4,
        shared.key_in_table: 1,
    }
