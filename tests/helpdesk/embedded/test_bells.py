"""The bells of one process: worker and beat as threads, over the broker in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction

from helpdesk.celery import app
from helpdesk.embedded import bells
from helpdesk.models import Heartbeat
from helpdesk.runtime.processes import QUEUES
from helpdesk.tasks import beat_heart
from tests.helpdesk.embedded.test_postgres import wait_for
from tickets.platform import tasks_on_commit

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running(part) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=part, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive(), "it did not end when told"


def seen() -> set[str]:
    return set(Heartbeat.objects.values_list("name", flat=True))


def test_a_bell_rung_in_a_transaction_is_heard_by_the_worker_on_every_queue(settings):
    settings.BELLS_SILENT = False
    with running(bells.run_worker):
        for queue in QUEUES:
            with transaction.atomic():
                tasks_on_commit.enqueue(beat_heart.name, queue)
        wait_for(lambda: "worker-metrics" in seen(), "the last bell is heard")
    assert seen() == {f"worker-{queue}" for queue in QUEUES}


def test_the_worker_finishes_what_runs_before_it_ends(settings):
    settings.BELLS_SILENT = False
    entered, release = threading.Event(), threading.Event()

    @app.task(name="tests.slow")
    def slow() -> None:
        entered.set()
        release.wait(30)
        beat_heart("intake")

    with running(bells.run_worker):
        slow.apply_async(queue="intake")
        assert entered.wait(30)
        threading.Timer(0.5, release.set).start()
    assert seen() == {"worker-intake"}


def test_a_long_task_does_not_hold_back_the_others(settings):
    settings.BELLS_SILENT = False
    release = threading.Event()

    @app.task(name="tests.long")
    def long() -> None:
        release.wait(60)

    with running(bells.run_worker):
        long.apply_async(queue="intake")
        beat_heart.apply_async(args=["intake"], queue="intake")
        wait_for(lambda: bool(seen()), "the short task is done while the long one runs")
        release.set()


def test_beat_rings_every_queue_from_a_schedule_in_code():
    tasks = {(entry["task"], entry["options"]["queue"]) for entry in app.conf.beat_schedule.values()}
    assert {("helpdesk.tasks.beat_heart", queue) for queue in QUEUES} <= tasks


def test_the_broker_in_memory_is_asked_often_enough():
    assert (
        settings.CELERY_BROKER_TRANSPORT_OPTIONS["polling_interval"] <= 0.05
    )  # kombu's own is a whole second
