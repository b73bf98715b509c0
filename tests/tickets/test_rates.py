"""Counting over all processes, several limits in one statement."""

from datetime import timedelta

import pytest

from tests.make import NOON
from tickets import rates

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
