"""Start Celery tasks after the commit, without ever waiting for the broker.

Such a task is called a "bell" in the settings and the architecture: it only makes something happen sooner. If
it is lost, the sweep finds the work in the tables.
"""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

type TaskCall = tuple[str, tuple[Any, ...]]

# Beyond this length tasks are dropped: the sweep finds their work, and a hung broker must not use up memory.
LONGEST_QUEUE = 500


def enqueue(task: str, *args: Any) -> None:
    """Start the task with this name soon after the current transaction commits.

    The broker may be slow, hung or unavailable: a separate thread publishes the task, and a failure is only
    logged. Tasks are named and not imported, so that a lower package can start a task of a higher one.
    """
    transaction.on_commit(partial(_submit, task, args), robust=True)


def _submit(task: str, args: tuple[Any, ...]) -> None:
    if not settings.BELLS_SILENT:
        _publisher.add(task, args)


class Publisher:
    """Publishes tasks to the broker one after another, in its own thread."""

    def __init__(self) -> None:
        self._waiting: deque[TaskCall] = deque()
        self._is_busy = False
        self._guard = Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")

    def add(self, task: str, args: tuple[Any, ...]) -> None:
        """Add a task to the queue without waiting; drop it if the queue is full."""
        with self._guard:
            if len(self._waiting) + self._is_busy >= LONGEST_QUEUE:
                logger.warning("bell dropped", extra={"task": task})
                return
            self._waiting.append((task, args))
            if self._is_busy:
                return
            self._is_busy = True
        try:
            self._thread.submit(self._work)
        except RuntimeError:
            # No thread can be started: the interpreter is shutting down, or a limit is reached.
            logger.warning("bells dropped", extra={"count": len(self._waiting)})
            with self._guard:
                self._waiting.clear()
                self._is_busy = False

    def _work(self) -> None:
        while (call := self._next()) is not None:
            try:
                _publish(*call)
            except Exception as error:  # noqa: BLE001  (whatever the broker raises, the sweep finds the work)
                logger.warning("bell not heard", extra={"bell": call, "error": type(error).__name__})

    def _next(self) -> TaskCall | None:
        with self._guard:
            self._is_busy = bool(self._waiting)
            return self._waiting.popleft() if self._waiting else None


def _publish(task: str, args: tuple[Any, ...]) -> None:
    """Send one task to the broker; its arguments are hidden in the logs and events of the worker."""
    current_app.send_task(
        task, args=args, ignore_result=True, add_to_parent=False, argsrepr="", kwargsrepr=""
    )


_publisher = Publisher()
