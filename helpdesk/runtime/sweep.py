"""The sweep: one loop that finds due work in the rows and does it, even if its task was lost.

It needs no broker. Any number of processes may run it: a PostgreSQL advisory lock, held by a connection of
its own, lets one of them work and the others stand by. Each verb has its interval, its own try and its own
back-off, so that one that fails keeps nobody else waiting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

import psycopg
import structlog
from django.conf import settings
from django.db import close_old_connections

from helpdesk.models import Heartbeat
from tickets.channels import registry
from tickets.channels.base import Sweep
from tickets.platform import locks
from tickets.platform.locks import Lock

log = structlog.get_logger(__name__)

PASS_SECONDS = 1.0
STAND_BY_SECONDS = 2.0
LONGEST_BACK_OFF_SECONDS = 60.0
HEARTBEAT_SECONDS = 10.0
PACKAGES = ("tickets", "routing", "metrics", "helpdesk")


@dataclass
class Turn:
    """When a verb is due next, by the monotonic clock, and how often it has failed in a row."""

    sweep: Sweep
    due: float = 0.0
    failures: int = 0

    def run(self, now: datetime, clock: Callable[[], float]) -> None:
        """Call the verb once; a failure is logged and delays its next turn, up to a minute."""
        try:
            self.sweep.run(now)
        except Exception:
            self.failures += 1
            log.exception("sweep failed", verb=self.sweep.name, failures=self.failures)
        else:
            self.failures = 0
        pause = self.sweep.seconds * 2 ** min(self.failures, 10)
        self.due = clock() + min(pause, max(LONGEST_BACK_OFF_SECONDS, self.sweep.seconds))


def all_sweeps() -> list[Sweep]:
    """Return the verbs of every package: the tuple `sweeps` of its module `sweeps`, and the channels' own."""
    sweeps = [Sweep("heartbeat", HEARTBEAT_SECONDS, lambda now: Heartbeat.record("sweep", now=now))]
    for package in PACKAGES:
        if find_spec(f"{package}.sweeps"):
            sweeps += import_module(f"{package}.sweeps").sweeps
    return sweeps + registry.sweeps()


def run_once(sweeps: Sequence[Sweep], now: datetime) -> None:
    """Call every verb once, in order, as a pass would."""
    for sweep in sweeps:
        Turn(sweep).run(now, time.monotonic)


def run_forever(stop: threading.Event) -> None:
    """Run the sweeps, or stand by for another process, until `stop` is set; survive database restarts."""
    sweeps = all_sweeps()
    while not stop.is_set():
        try:
            with locks.open_own_connection(f"tandem sweep {settings.PUBLIC_URL}") as own:
                _work(own, [Turn(sweep) for sweep in sweeps], stop)
        except psycopg.OperationalError as error:
            log.warning("sweep waits for the database", error=str(error).strip())
            stop.wait(STAND_BY_SECONDS)


def _work(own: psycopg.Connection, turns: Sequence[Turn], stop: threading.Event) -> None:
    while not locks.try_session_lock(Lock.SWEEP, own):
        if stop.wait(STAND_BY_SECONDS):
            return
    log.info("sweep works", verbs=[turn.sweep.name for turn in turns])
    while not stop.is_set():
        started = time.monotonic()
        for turn in turns:
            if turn.due <= time.monotonic() and not stop.is_set():
                # Asking for the time also proves that the connection, and so the lock, is still ours.
                _run(turn, _database_now(own))
        stop.wait(max(0.05, PASS_SECONDS - (time.monotonic() - started)))


def _run(turn: Turn, now: datetime) -> None:
    close_old_connections()
    try:
        turn.run(now, time.monotonic)
    finally:
        close_old_connections()


def _database_now(own: psycopg.Connection) -> datetime:
    row = own.execute("SELECT clock_timestamp()").fetchone()
    if row is None:
        raise psycopg.OperationalError("the database did not tell the time")
    moment: datetime = row[0]
    return moment
