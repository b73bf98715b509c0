"""Celery's worker and beat as threads of one process, over the in-memory broker."""

import threading
from typing import Any

from celery.beat import EmbeddedService
from celery.platforms import EX_OK
from celery.worker import state

from helpdesk.celery import app
from helpdesk.runtime.processes import QUEUES

THREADS = 4
LOOK_SECONDS = 1.0
WAKE_SECONDS = 0.1


def run_worker(stop: threading.Event) -> None:
    """Work on every queue until `stop` is set, then finish what is running.

    `WorkController` is the worker without signal handlers or banner, so it may run off the main thread. The
    pool is `threads`: a long task must not hold back the others. It knows no time limits, so whatever a task
    does on the network has its own.
    """
    controller = app.WorkController(
        hostname="embedded@localhost",
        pool="threads",
        concurrency=THREADS,
        queues=list(QUEUES),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
    )
    state.should_stop = None
    running = threading.Thread(target=controller.start, name="celery-worker")
    running.start()
    while not stop.wait(LOOK_SECONDS):
        if not running.is_alive():
            raise RuntimeError("The worker has ended by itself.")
    state.should_stop = EX_OK  # type: ignore[assignment]  # what Celery's own signal handlers do
    while running.is_alive():
        app.control.broadcast("ping")  # wakes the consumer, which otherwise looks up every two seconds
        running.join(WAKE_SECONDS)


def run_beat(stop: threading.Event) -> None:
    """Ring the periodic tasks until `stop` is set."""
    service: Any = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
    service.start()
    stop.wait()
    service.stop()
