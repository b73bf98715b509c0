"""A computed number with its sample size, its interval, and what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise

from metrics.asking.durations import Quantile
from metrics.asking.intervals import Interval, Reading, reading_for, wilson

ENOUGH_FOR_A_PERSON = 30


class Role(StrEnum):
    """What the rows of a part are to the number."""

    GOOD = "good"  # in the numerator
    BAD = "bad"  # in the denominator only
    PROVISIONAL = "provisional"  # will be one of the two once its window has passed
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class Part:
    """Rows that are alike for a metric. Each row of its population is in exactly one part."""

    slug: str
    label: str | Promise
    role: Role


@dataclass(frozen=True)
class Share:
    """k of n with its Wilson interval; `provisional` rows will still become one or the other."""

    numerator: int
    denominator: int
    provisional: int = 0
    needs: int = 10

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> Interval:
        return wilson(self.numerator, self.denominator)

    @property
    def reading(self) -> Reading:
        return Reading.COUNT if self.denominator < self.needs else reading_for(self.denominator)

    @property
    def is_early(self) -> bool:
        """Whether more is still open than decided; what fails is decided first."""
        return self.provisional > self.denominator

    @property
    def shown(self) -> float | None:
        """The share if a percentage may be shown; None if there are too few rows or too few are decided."""
        return None if self.reading is Reading.COUNT or self.is_early else self.value

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The least and the most it can become; None when nothing is provisional."""
        if not self.provisional:
            return None
        total = self.denominator + self.provisional
        return self.numerator / total, (self.numerator + self.provisional) / total


@dataclass(frozen=True)
class Times:
    """Quantiles of durations: around the clock, and in business hours."""

    ended: int
    lasting: int
    wall: Sequence[Quantile] = ()
    open: Sequence[Quantile] = ()

    @property
    def n(self) -> int:
        return self.ended + self.lasting

    @property
    def reading(self) -> Reading:
        return reading_for(self.n)


@dataclass(frozen=True)
class Amount:
    """How many, by kind, and how old they are (wall-clock seconds)."""

    count: int
    by_kind: Mapping[str, int] = field(default_factory=dict)
    ages: Sequence[Quantile] = ()
    oldest: float | None = None
    older_than: Mapping[int, int] = field(default_factory=dict)  # days → how many


@dataclass(frozen=True)
class Scores:
    """Answers on a scale, beside the share: how often each was given, and their mean as a second view."""

    counts: Mapping[int, int]
    mean: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Figure:
    """One metric's answer. `parts` counts every row of the population once."""

    parts: Mapping[str, int]
    share: Share | None = None
    times: Times | None = None
    amount: Amount | None = None
    scores: Scores | None = None
    notes: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows that were looked at, in or out of the number."""
        return sum(self.parts.values())

    @property
    def n(self) -> int:
        """How many rows the number rests on."""
        if self.share is not None:
            return self.share.denominator
        if self.times is not None:
            return self.times.n
        return self.amount.count if self.amount is not None else 0

    @property
    def is_provisional(self) -> bool:
        return bool(self.share and self.share.provisional)
