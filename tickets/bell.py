"""Bells: ring a task after commit, never making anybody wait for the broker."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any

from celery import Task
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

# A bell that cannot ring is dropped: the sweep finds the work in the rows. So the queue is short.
_waiting = BoundedSemaphore(500)
_ringers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="bell")


def ring(task: Task[..., Any], *args: Any) -> None:
    """Start `task` soon after the present transaction commits.

    The broker may be slow, hung or gone: publishing happens in a thread of its own and a failure is
    only logged.
    """
    transaction.on_commit(lambda: _submit(task, args), robust=True)


def _submit(task: Task[..., Any], args: tuple[Any, ...]) -> None:
    if getattr(settings, "BELLS_SILENT", False):
        return
    if not _waiting.acquire(blocking=False):
        logger.warning("bell dropped", extra={"task": task.name})
        return
    try:
        _ringers.submit(_publish, task, args)
    except RuntimeError:  # the interpreter is shutting down
        _waiting.release()


def _publish(task: Task[..., Any], args: tuple[Any, ...]) -> None:
    try:
        task.apply_async(args=args, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001  (whatever the broker's client raises, the row is safe)
        logger.warning("bell not heard", extra={"task": task.name, "error": type(error).__name__})
    finally:
        _waiting.release()
