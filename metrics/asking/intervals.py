"""How sure a number is: intervals for shares, quantiles, means and net scores. Pure.

95 % throughout. The plain ("Wald") interval for a share is never used: at ten answers it covers the truth
two times in three instead of nineteen in twenty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Z = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class OpenInterval:
    """A 95 % interval; a side is None if the data do not bound it."""

    low: float | None
    high: float | None


class Reading(StrEnum):
    """How a share may be shown for its sample size."""

    COUNT = "count"  # below 10: "k of n", no percentage
    FAINT = "faint"  # 10 to 29: greyed, with its interval
    PLAIN = "plain"


def reading_for(n: int) -> Reading:
    """Return how a number from `n` observations may be shown."""
    if n < 10:
        return Reading.COUNT
    return Reading.FAINT if n < 30 else Reading.PLAIN


def wilson(k: int, n: int) -> Interval:
    """Return the score interval of the share k/n (Wilson 1927); 0 to 1 when there is nothing."""
    if n == 0:
        return Interval(0.0, 1.0)
    share, square = k / n, Z * Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high)


def quantile_ranks(n: int, p: float) -> tuple[int | None, int | None]:
    """Return the ranks (from 1) of the observations that bound the p-quantile of `n` observations.

    By the order statistics' binomial distribution (David and Nagaraja, Order Statistics, 7.1): the
    interval between the two observations covers the quantile with at least 95 %. A side is None when
    the sample is too small to bound it.
    """
    below = _binomial_quantile(n, p, 0.025)
    above = _binomial_quantile(n, p, 0.975) + 1
    return (below if below >= 1 else None), (above if above <= n else None)


def net_score(promoters: int, detractors: int, n: int) -> Interval:
    """Return the adjusted Wald interval of (promoters − detractors)/n, from −1 to 1.

    Three more answers, three quarters of one to each side (Rocks 2016, Interval Estimation for the
    Net Promoter Score).
    """
    total = n + 3
    up, down = (promoters + 0.75) / total, (detractors + 0.75) / total
    net = up - down
    half = Z * math.sqrt((up + down - net * net) / total)
    return Interval(max(-1.0, net - half), min(1.0, net + half))


def mean_of_scores(counts: Mapping[int, int]) -> tuple[float, Interval] | None:
    """Return the mean of scores given as {score: how often}, with a percentile bootstrap interval.

    None without answers. Nothing is drawn: the percentiles are those that endless resampling tends to, by
    their expansion in skewness and kurtosis (Hall, The Bootstrap and Edgeworth Expansion, 2.5 and 3.5).
    """
    counted = {score: count for score, count in counts.items() if count}
    n = sum(counted.values())
    if n == 0:
        return None
    mean = sum(score * count for score, count in counted.items()) / n
    spread, third, fourth = (
        sum(count * (score - mean) ** power for score, count in counted.items()) / n for power in (2, 3, 4)
    )
    if spread == 0:
        return mean, Interval(mean, mean)
    skew, excess = third / spread**1.5 / math.sqrt(n), (fourth / spread**2 - 3) / n
    low, high = (mean + math.sqrt(spread / n) * _expanded(z, skew, excess) for z in (-Z, Z))
    return mean, Interval(max(min(counted), low), min(max(counted), high))


def _expanded(z: float, skew: float, excess: float) -> float:
    """Return a normal quantile corrected for skewness and excess kurtosis (Cornish and Fisher 1938)."""
    return z + skew * (z * z - 1) / 6 + excess * (z**3 - 3 * z) / 24 - skew * skew * (2 * z**3 - 5 * z) / 36


def _binomial_quantile(n: int, p: float, q: float) -> int:
    """Return the smallest k with P(B ≤ k) ≥ q for B binomial (n, p)."""
    if n == 0:
        return 0
    mean, spread = n * p, math.sqrt(n * p * (1 - p))
    start = max(0, int(mean - 9 * spread) - 1)  # what lies below weighs less than 1e-18
    total = 0.0
    for k in range(start, n + 1):
        total += math.exp(_log_probability(n, k, p))
        if total >= q:
            return k
    return n


def _log_probability(n: int, k: int, p: float) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(p) + (n - k) * math.log1p(-p)
