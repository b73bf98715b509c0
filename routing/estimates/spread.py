"""How long people wait, pure: from the latest answers and from those who wait still."""

from __future__ import annotations

from collections.abc import Sequence

from routing.estimates.ranges import CERTAINTY, Answers

LAST_ANSWERS = 120  # fewer: one bad hour counts for too much; more: a growing backlog is seen too late
BEYOND = 1.25  # where even the longest wait on record says too little
FEW = 8
HALF = 0.5
ROUNDING = 1e-9


def spread(answered: Sequence[float], waiting: Sequence[float], beyond: float = 0.0) -> Answers:
    """Return how many answers there were, and the median and 80th percentile of all waits beyond `beyond`.

    All in seconds. Leaving out those who wait still would call a growing backlog quick: they count as long as
    they have waited (Kaplan and Meier, Nonparametric estimation from incomplete observations, JASA 53, 1958).
    With `beyond`, only those count who have waited longer, and only what came after it.
    """
    waits = [(wait, False) for wait in answered if wait > beyond] + [(w, True) for w in waiting if w > beyond]
    waits.sort()
    count = sum(not is_open for _wait, is_open in waits)
    if not count:
        return Answers(0, None, None)
    half = most = waits[-1][0] * BEYOND
    left = 1.0
    for place, (wait, is_open) in enumerate(waits):
        left *= 1.0 if is_open else 1 - 1 / (len(waits) - place)
        if left <= 1 - HALF + ROUNDING:
            half = min(half, wait)
        if left <= 1 - CERTAINTY + ROUNDING:
            most = wait
            break
    return Answers(count, half - beyond, most - beyond)


def still_to_wait(answered: Sequence[float], waiting: Sequence[float], waited: float) -> Answers:
    """Return how long somebody has still to wait who has waited `waited` seconds; see `spread`.

    Where hardly anybody waited longer, all that is known is that it takes long: as long again at most.
    """
    found = spread(answered, waiting, waited)
    return found if found.n >= FEW else Answers(len(answered), waited / 2, waited)
