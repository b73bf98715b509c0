"""Measure metrics on the rows there are: what rebuilding facts costs, and how long a number takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from metrics.asking.question import Period, Question
from metrics.catalogue import answers
from metrics.catalogue.registry import get_metric, load_metrics
from metrics.facts import derive
from metrics.models import FactTicket
from tickets.models import Event, Queue

DAYS = 91
REPEATS = 3


class _Undone(Exception):
    """Raised at the end, so that nothing the measurement made stays."""


def measure_facts(*, now: datetime, sample: int = 1_000) -> dict[str, Any]:
    """Rebuild all facts, derive some again, and ask every metric about 91 days.

    Return what each took, with the numbers of tickets and events that it was for. The facts stay: they
    are what they would be anyway.
    """
    tickets, rebuild_seconds = _timed(partial(derive.rebuild_facts, now=now))
    _analyse()
    question = Question(Period.latest(DAYS, now=now), tuple(Queue.objects.values_list("pk", flat=True)), now)
    numbers = {
        slug: _best(partial(answers.compute_figure, m, question)) for slug, m in load_metrics().items()
    }
    return {
        "tickets": tickets,
        "events": Event.objects.count(),
        "rebuild_seconds": round(rebuild_seconds, 3),
        "rebuild_seconds_per_1000_tickets": round(1000 * rebuild_seconds / max(1, tickets), 4),
        "batch_seconds_per_1000_tickets": _batch(sample),
        "one_ticket_milliseconds": _one_ticket(),
        "number_milliseconds": {slug: round(1000 * seconds, 1) for slug, seconds in numbers.items()},
        "fcr_windows_milliseconds": {
            window: round(1000 * _best(partial(_fcr, replace(question, window=window))), 1)
            for window in (1, 7, 30)
        },
        "fcr_course_by_queue_milliseconds": round(1000 * _best(partial(_course, question)), 1),
    }


def _fcr(question: Question) -> Any:
    return answers.compute_figure(get_metric("fcr"), question)


def _course(question: Question) -> Any:
    return answers.compute_course(get_metric("fcr"), question), answers.compute_by_queue(
        get_metric("fcr"), question
    )


def _batch(sample: int) -> float | None:
    """Return the seconds to derive the newest `sample` tickets again, for a thousand of them."""
    chosen = list(FactTicket.objects.order_by("-pk").values_list("pk", flat=True)[:sample])
    if not chosen:
        return None
    _count, seconds = _timed(partial(derive.derive_facts, chosen))
    return round(1000 * seconds / len(chosen), 4)


def _one_ticket() -> float | None:
    chosen = FactTicket.objects.order_by("-pk").values_list("pk", flat=True).first()
    if chosen is None:
        return None
    return round(1000 * _best(partial(_derived_for_nothing, chosen)), 2)


def _derived_for_nothing(ticket: int) -> None:
    try:
        with transaction.atomic():
            derive.derive_facts([ticket])
            raise _Undone
    except _Undone:
        return


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE metrics_factticket, metrics_factissue, metrics_factcontact")
        cursor.execute("ANALYZE metrics_factwaitsegment, metrics_factpromise")


def _timed(work: Callable[[], int]) -> tuple[int, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def _best(work: Callable[[], Any]) -> float:
    """Return the shortest of a few runs: the least disturbed by other work on the machine."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
