"""The distribution of waits, from the latest answers and from those who still wait. No database."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import neg

from routing.estimates.ranges import CERTAINTY, Answers

LAST_ANSWERS = 160  # fewer: one bad hour counts for too much; more: a growing backlog is seen too late
BEYOND = 1.25  # where even the longest wait on record says too little
FEW = 8
HALF = 0.5
ROUNDING = 1e-9


class Spread:
    """The distribution of waits in seconds: of the latest answers, and of those who still wait.

    Leaving the latter out would call a growing backlog quick: they count as long as they have waited (Kaplan
    and Meier, Nonparametric estimation from incomplete observations, JASA 53, 1958).
    """

    def __init__(self, answered: Sequence[float], waiting: Sequence[float]) -> None:
        waits = sorted([(wait, False) for wait in answered] + [(wait, True) for wait in waiting])
        self._longest = waits[-1][0] if waits else 0.0
        self._waits: list[float] = []
        self._left: list[float] = []  # the share that waits longer than each of them
        left = 1.0
        for place, (wait, is_open) in enumerate(waits):
            if not is_open:
                left *= 1 - 1 / (len(waits) - place)
                self._waits.append(wait)
                self._left.append(left)

    def answers(self, beyond: float = 0.0) -> Answers:
        """Return how many answers took longer than `beyond`, and the median and 80th percentile after it."""
        place = bisect_right(self._waits, beyond)
        count = len(self._waits) - place
        if not count:
            return Answers(0, None, None)
        share = self._left[place - 1] if place else 1.0
        half, most = (self._reached(share * (1 - part), place) - beyond for part in (HALF, CERTAINTY))
        return Answers(count, half, most)

    def still_to_wait(self, waited: float) -> Answers:
        """Return the remaining wait of a customer who has waited `waited` seconds.

        Where hardly anybody waited longer, all that is known is that it takes long: as long again at most.
        """
        found = self.answers(waited)
        return found if found.n >= FEW else Answers(len(self._waits), waited / 2, waited)

    def _reached(self, share: float, place: int) -> float:
        """Return the first wait from `place` on that no more than a share outlasts."""
        found = bisect_left(self._left, -share - ROUNDING, lo=place, key=neg)
        return self._waits[found] if found < len(self._waits) else self._longest * BEYOND
