"""Promises of the demonstration's past: estimated once a day for each queue, since history needs no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from routing.estimates import forecasts, waits
from tickets.models import Queue
from tickets.promises import promises
from tickets.promises.promises import Estimate


class _Key(NamedTuple):
    queue: int
    is_live: bool
    day: date


@contextmanager
def estimates_of_the_day() -> Iterator[None]:
    """Let what is promised meanwhile be the day's first estimate, moved on to the moment that asks."""
    known: dict[_Key, tuple[datetime, Estimate | None]] = {}

    def estimate(queue: Queue, *, is_live: bool, now: datetime) -> Estimate | None:
        key = _Key(queue.pk, is_live, now.date())
        if key not in known:
            known[key] = now, waits.estimate_answer(queue, is_live=is_live, now=now)
        then, first = known[key]
        if first is None:
            return None
        later = now - then
        return Estimate(first.from_at + later, first.until_at + later, first.certainty, first.basis)

    promises.register_estimator(estimate)
    try:
        yield
    finally:
        promises.register_estimator(waits.estimate_answer, forecasts.forecast)
