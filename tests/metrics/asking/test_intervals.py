"""Intervals against published values and against what they promise."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.asking.durations import Spell, quantiles
from metrics.asking.intervals import mean_of_scores, net_score, quantile_ranks, reading_for, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(24, 30, 0.627, 0.905), (80, 100, 0.711, 0.867), (320, 400, 0.758, 0.836), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_as_published(k, n, low, high):
    interval = wilson(k, n)
    assert interval.low == pytest.approx(low, abs=0.001)
    assert interval.high == pytest.approx(high, abs=0.001)


@given(st.integers(0, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_between_0_and_1(case):
    k, n = case
    interval = wilson(k, n)
    assert 0 <= interval.low <= (k / n if n else 0.5) <= interval.high <= 1


def test_wilson_covers_the_truth_where_the_plain_interval_does_not():
    n, p = 10, 0.9
    covered = sum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k)
        for k in range(n + 1)
        if wilson(k, n).low <= p <= wilson(k, n).high
    )
    assert covered > 0.92


@pytest.mark.parametrize(
    ("n", "p", "ranks"), [(100, 0.5, (40, 61)), (20, 0.5, (6, 15)), (5, 0.5, (None, None))]
)
def test_ranks_around_a_quantile(n, p, ranks):
    assert quantile_ranks(n, p) == ranks


@pytest.mark.parametrize("p", [0.5, 0.9])
@pytest.mark.parametrize("n", [40, 150, 1200])
def test_ranks_cover_the_quantile_with_95_percent(n, p):
    low, high = quantile_ranks(n, p)
    assert low is not None
    assert high is not None
    inside = sum(
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(k + 1)
            - math.lgamma(n - k + 1)
            + k * math.log(p)
            + (n - k) * math.log(1 - p)
        )
        for k in range(low, high)
    )
    assert 0.949 <= inside < 0.99


def test_net_score_as_published():
    interval = net_score(50, 20, 100)
    assert (round(interval.low, 2), round(interval.high, 2)) == (0.14, 0.44)


def test_mean_of_scores_comes_with_a_steady_interval():
    found = mean_of_scores({1: 10, 7: 10})
    assert found is not None
    mean, interval = found
    assert mean == 4
    assert interval.low < 3
    assert interval.high > 5
    assert mean_of_scores({1: 10, 7: 10}) == found
    assert mean_of_scores({}) is None


@pytest.mark.parametrize(
    ("counts", "low", "high"),  # by 200,000 resamples
    [
        ({3: 16, 5: 1, 6: 3}, 3.1, 4.05),
        ({1: 21, 2: 2, 3: 1, 4: 1, 6: 4, 7: 1}, 1.433, 2.833),
        ({4: 21, 5: 4, 6: 19, 7: 6}, 4.9, 5.5),
        ({1: 34, 2: 129, 3: 19, 4: 95, 5: 48, 6: 14, 7: 161}, 4.17, 4.548),
        ({5: 9}, 5, 5),
    ],
)
def test_mean_of_scores_is_as_resampling_finds_it(counts, low, high):
    _, interval = mean_of_scores(counts)
    step = 1 / sum(counts.values())
    assert interval.low == pytest.approx(low, abs=step)
    assert interval.high == pytest.approx(high, abs=step)


@pytest.mark.parametrize(
    ("n", "shown"), [(0, "count"), (9, "count"), (10, "faint"), (29, "faint"), (30, "plain")]
)
def test_small_samples_are_shown_as_such(n, shown):
    assert reading_for(n) == shown


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=80))
def test_without_anybody_waiting_it_is_the_plain_sample_quantile(values):
    [median, ninety] = quantiles([Spell(v) for v in values])
    ordered, n = sorted(values), len(values)
    assert median.seconds == ordered[math.ceil(n * 0.5) - 1]
    assert ninety.seconds == ordered[math.ceil(n * 0.9 - 1e-9) - 1]
    low, _high = quantile_ranks(n, 0.5)
    assert median.interval.low == (ordered[low - 1] if low else None)


def test_who_still_waits_makes_the_number_longer_never_shorter():
    answered = [Spell(60.0 * n) for n in range(1, 11)]
    waiting = [Spell(600.0, is_ended=False, count=10)]
    assert quantiles(answered)[0].seconds == 300
    assert quantiles(answered + waiting)[0].seconds == 600
    assert quantiles(answered + waiting)[1].seconds is None


def test_who_has_only_just_begun_to_wait_changes_nothing():
    answered = [Spell(60.0 * n) for n in range(1, 11)]
    assert quantiles([*answered, Spell(1, is_ended=False, count=50)])[0].seconds == 300


def test_grouped_and_single_durations_agree():
    values = [random.Random(1).randint(1, 20) for _ in range(200)]
    grouped = [Spell(v, count=values.count(v)) for v in sorted(set(values))]
    assert quantiles(grouped) == quantiles([Spell(v) for v in values])


def test_nothing_has_no_quantile():
    assert quantiles([]) == []
