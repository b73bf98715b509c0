"""The sweep: one works, the others stand by; a verb that fails keeps nobody waiting."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from helpdesk.models import Heartbeat
from helpdesk.runtime import sweep
from helpdesk.runtime.sweep import Turn, all_sweeps, run_forever, run_once
from tests import make
from tests.cast import NOON
from tests.helpdesk.embedded.test_postgres import wait_for
from tickets.channels.base import Sweep
from tickets.platform.locks import Lock


class Verb:
    """A verb that counts its calls and may fail."""

    def __init__(self, failing: bool = False) -> None:
        self.failing = failing
        self.calls: list[datetime] = []

    def __call__(self, now: datetime) -> None:
        self.calls.append(now)
        if self.failing:
            raise ValueError("broken")


@contextmanager
def sweeping(monkeypatch: pytest.MonkeyPatch, *sweeps: Sweep) -> Iterator[None]:
    """Run the real loop with these verbs in a thread."""
    monkeypatch.setattr(sweep, "all_sweeps", lambda: list(sweeps))
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def lock_holders() -> list[int]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted",
            [Lock.SWEEP.value],
        )
        return [pid for (pid,) in cursor.fetchall()]


def test_a_verb_that_fails_leaves_the_others_their_turn():
    broken, fine = Verb(failing=True), Verb()
    run_once([Sweep("broken", 1, broken), Sweep("fine", 1, fine)], NOON)
    assert broken.calls == fine.calls == [NOON]


def test_a_failing_verb_waits_longer_each_time_up_to_a_minute_and_recovers():
    verb, pauses = Verb(failing=True), []
    turn = Turn(Sweep("verb", 1, verb))
    for _ in range(9):
        turn.run(NOON, lambda: 0.0)
        pauses.append(turn.due)
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    verb.failing = False
    turn.run(NOON, lambda: 0.0)
    assert turn.due == 1


def test_a_rare_verb_keeps_its_own_interval_when_it_fails():
    turn = Turn(Sweep("hourly", 3600, Verb(failing=True)))
    turn.run(NOON, lambda: 0.0)
    assert turn.due == 3600


@pytest.mark.django_db(transaction=True)
def test_the_loop_passes_the_databases_time_and_ends_when_told(monkeypatch: pytest.MonkeyPatch):
    verb = Verb()
    with sweeping(monkeypatch, Sweep("verb", 0.01, verb)):
        wait_for(lambda: len(verb.calls) >= 2, "two passes")
    assert all(moment.tzinfo for moment in verb.calls)
    wait_for(lambda: lock_holders() == [], "the server has noticed that the lock is let go")


@pytest.mark.django_db(transaction=True)
def test_another_process_stands_by_until_the_first_one_has_gone(monkeypatch: pytest.MonkeyPatch):
    verb = Verb()
    parameters = connections["default"].get_connection_params()
    other = psycopg.connect(
        dbname=parameters["dbname"], user=parameters["user"], host=parameters["host"], autocommit=True
    )
    other.execute("SELECT pg_advisory_lock(%s)", [Lock.SWEEP.value])
    monkeypatch.setattr(sweep, "STAND_BY_SECONDS", 0.05)
    with sweeping(monkeypatch, Sweep("verb", 0.01, verb)):
        wait_for(lambda: len(lock_holders()) == 1, "the lock is held")
        assert verb.calls == []
        other.close()
        wait_for(lambda: bool(verb.calls), "the one that stood by works")


@pytest.mark.django_db(transaction=True)
def test_the_loop_outlives_a_lost_connection(monkeypatch: pytest.MonkeyPatch):
    verb = Verb()
    monkeypatch.setattr(sweep, "STAND_BY_SECONDS", 0.05)
    with sweeping(monkeypatch, Sweep("verb", 0.01, verb)):
        wait_for(lambda: bool(verb.calls), "a first pass")
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [lock_holders()[0]])
        before = len(verb.calls)
        wait_for(lambda: len(verb.calls) > before + 1, "passes after the cut")


@pytest.mark.django_db
def test_every_package_and_channel_brings_its_verbs():
    names = [item.name for item in all_sweeps()]
    assert len(set(names)) == len(names)
    assert names[0] == "heartbeat"
    assert len(names) > 5


@pytest.mark.django_db
def test_once_does_what_is_due_and_ends():
    ticket = make.ticket(make.channel("web", make.queue("orders")), make.customer("Dana", "dana@x.example"))
    call_command("sweep", "--once")
    assert Heartbeat.objects.get().name == "sweep"
    assert ticket.outbounds.get().state == "sent"


@pytest.mark.django_db
def test_a_heartbeat_is_one_row_that_moves():
    Heartbeat.record("sweep", now=NOON)
    Heartbeat.record("sweep", now=NOON.replace(hour=13))
    assert Heartbeat.objects.get().at == NOON.replace(hour=13)
