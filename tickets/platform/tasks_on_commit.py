"""Bells: ring a task after commit, never making anybody wait for the broker."""

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

# A bell that cannot ring is dropped: the sweep finds the work in the rows. So the queue is short.
LONGEST_QUEUE = 500


def enqueue(task: str, *args: Any) -> None:
    """Start the task of that name soon after the present transaction commits.

    The broker may be slow, hung or gone: publishing happens in a thread of its own and a failure is
    only logged. Tasks are named, not imported: whoever rings need not know who answers.
    """
    transaction.on_commit(partial(_submit, task, args), robust=True)


def _submit(task: str, args: tuple[Any, ...]) -> None:
    if not settings.BELLS_SILENT:
        _publisher.take(task, args)


class Publisher:
    """Publishes bells one after another in a thread of its own."""

    def __init__(self) -> None:
        self._waiting: deque[TaskCall] = deque()
        self._is_busy = False
        self._guard = Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")

    def take(self, task: str, args: tuple[Any, ...]) -> None:
        """Take a bell and come back at once."""
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
        while (bell := self._next()) is not None:
            try:
                _publish(*bell)
            except Exception as error:  # noqa: BLE001  (whatever the broker raises, the row is safe)
                logger.warning("bell not heard", extra={"bell": bell, "error": type(error).__name__})

    def _next(self) -> TaskCall | None:
        with self._guard:
            self._is_busy = bool(self._waiting)
            return self._waiting.popleft() if self._waiting else None


def _publish(task: str, args: tuple[Any, ...]) -> None:
    """Send one message; its arguments are not shown in the worker's logs and events."""
    current_app.send_task(
        task, args=args, ignore_result=True, add_to_parent=False, argsrepr="", kwargsrepr=""
    )


_publisher = Publisher()
