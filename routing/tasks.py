"""Celery tasks of routing: the bell that makes a pass happen at once."""

import time

from celery import shared_task

from routing import dispatch
from tickets.clock import database_now

TRIES, PAUSE_SECONDS = 10, 0.02


@shared_task
def route(ticket_id: int | None = None) -> None:
    """Make a pass now, for one ticket's sake or in general; wait a little while another process is at it."""
    for _ in range(TRIES):
        if dispatch.run(database_now(), [ticket_id] if ticket_id else None).is_mine:
            return
        time.sleep(PAUSE_SECONDS)
