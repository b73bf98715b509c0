"""Bells: ring a task after commit, never making anybody wait for the broker."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import uuid

logger = logging.getLogger(__name__)

# A bell that cannot ring is dropped: the sweep finds the work in the rows. So the queue is short.
_waiting = BoundedSemaphore(500)
_ringer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")


def ring(task: str, *args: Any) -> None:
    """Start the task of that name soon after the present transaction commits.

    The broker may be slow, hung or gone: publishing happens in a thread of its own and a failure is
    only logged. Tasks are named, not imported: whoever rings need not know who answers.
    """
    transaction.on_commit(partial(_submit, task, args), robust=True)


def _submit(task: str, args: tuple[Any, ...]) -> None:
    if settings.BELLS_SILENT:
        return
    if not _waiting.acquire(blocking=False):
        logger.warning("bell dropped", extra={"task": task})
        return
    try:
        _ringer.submit(_publish, task, args)
    except RuntimeError:  # no thread can be started: the interpreter is shutting down, or a limit is reached
        _waiting.release()


def _publish(task: str, args: tuple[Any, ...]) -> None:
    """Send one message as `Celery.send_task` does, without its description for people, which costs most."""
    try:
        amqp, name = current_app.amqp, uuid()
        message = amqp.as_task_v2(
            name, task, args, {}, root_id=name, ignore_result=True, argsrepr="", kwargsrepr=""
        )
        queue = amqp.router.route({}, task)["queue"]
        with current_app.producer_or_acquire() as producer:
            amqp.send_task_message(producer, task, message, queue=queue, retry=False)
    except Exception as error:  # noqa: BLE001  (whatever the broker raises, the row is safe)
        logger.warning("bell not heard", extra={"task": task, "error": type(error).__name__})
    finally:
        _waiting.release()
