"""Celery tasks of routing: bells that make a pass happen at once, or a what-if trial begin."""

from __future__ import annotations

import time

from celery import shared_task

from routing.continuity import ownership
from routing.dispatch import run
from routing.what_if import trials
from tickets.clock import database_now

TRIES, PAUSE_SECONDS = 10, 0.02
_last = {"began": 0.0}


@shared_task
def route(rang_at: float | None = None) -> None:
    """Make a pass now; wait a little while another process is at it.

    A pass sees everything committed before it began, so bells that rang earlier need none of their own.
    """
    if rang_at is not None and rang_at < _last["began"]:
        return
    for _ in range(TRIES):
        began = time.time()
        if run.run_pass_on_news(database_now()).is_mine:
            _last["began"] = began
            return
        time.sleep(PAUSE_SECONDS)


@shared_task
def follow_answer(ticket_id: int) -> None:
    """Give a ticket that was nobody's to who has just answered it."""
    ownership.assign_to_repliers(database_now(), [ticket_id])


@shared_task
def try_out() -> None:
    """Begin what-if trials that wait; they are worked on beside whatever else this worker does."""
    trials.start_next_trial(database_now())
