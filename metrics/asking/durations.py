"""Quantiles of durations, some of which have not ended yet. Pure.

Who still waits is not dropped, which would flatter the number: such a duration is known to be at least as
long as it has lasted (censored), and the quantiles come from the product-limit estimate (Kaplan and Meier
1958), which without censoring is the plain sample quantile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metrics.asking.intervals import OpenInterval, quantile_ranks

MEDIAN, NINETY, NINETY_FIVE = 0.5, 0.9, 0.95


@dataclass(frozen=True, order=True)
class Spell:
    """`count` durations of `seconds`; they have ended, or have lasted that long so far."""

    seconds: float
    is_ended: bool = True
    count: int = 1


@dataclass(frozen=True)
class Quantile:
    """A quantile in seconds; None when it lies beyond `longest`, the longest duration seen so far."""

    p: float
    seconds: float | None
    interval: OpenInterval
    longest: float


def quantiles(spells: Iterable[Spell], ps: Sequence[float] = (MEDIAN, NINETY)) -> list[Quantile]:
    """Return the quantiles with their 95 % intervals; an empty list without any duration.

    The interval takes the order statistics' ranks as probabilities, so that without censoring it is
    exactly theirs.
    """
    ordered = sorted(spells, key=lambda s: (s.seconds, not s.is_ended))
    n = sum(s.count for s in ordered)
    if n == 0:
        return []
    curve = _ended_by(ordered, n)
    return [_quantile(p, n, curve, ordered[-1].seconds) for p in ps]


def _ended_by(ordered: Sequence[Spell], n: int) -> list[tuple[float, float]]:
    """Return (seconds, estimated share that has ended by then) at each ended duration."""
    curve: list[tuple[float, float]] = []
    lasting, at_risk = 1.0, n
    for spell in ordered:
        if spell.is_ended:
            lasting *= 1 - spell.count / at_risk
            if curve and curve[-1][0] == spell.seconds:
                curve[-1] = (spell.seconds, 1 - lasting)
            else:
                curve.append((spell.seconds, 1 - lasting))
        at_risk -= spell.count
    return curve


def _quantile(p: float, n: int, curve: Sequence[tuple[float, float]], longest: float) -> Quantile:
    low, high = quantile_ranks(n, p)
    interval = OpenInterval(
        _at(curve, low / n) if low is not None else None,
        _at(curve, high / n) if high is not None else None,
    )
    return Quantile(p, _at(curve, p), interval, longest)


def _at(curve: Sequence[tuple[float, float]], p: float) -> float | None:
    """Return the first time by which a share of at least `p` has ended."""
    return next((seconds for seconds, share in curve if share >= p - 1e-9), None)
