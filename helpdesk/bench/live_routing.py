"""Routing on the real stack: PostgreSQL, a Redis, a Celery worker, and chats that come two hundred a second."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from celery import Celery
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from routing.benchmarks import scene
from routing.dispatch import run as dispatch
from routing.models import Offer, WorkItem
from tickets.clock import database_now

PEOPLE = 2000
SIZES = (200, 2000, 10_000)
BATCH, ROUNDS = 200, 8
RATE, SECONDS, BURST = 200, 20, 10
ANSWERED_AFTER = timedelta(seconds=1)


def measure_live_routing(
    *, say: Callable[[str], None] = print, sizes: tuple[int, ...] = SIZES
) -> dict[str, Any]:
    """Return throughput in batches and latency under load at 2,000 people, the floor, and growth by size."""
    figures: dict[str, Any] = {"growth": {}}
    people = 0
    for size in sizes:
        scene.create_house(size - people, database_now())
        people = size
        figures["growth"][str(size)] = measure_throughput()
        say(f"{size} people: {figures['growth'][str(size)]}")
        if size == PEOPLE:
            figures["floor"] = measure_floor()
            say(f"floor: {figures['floor']}")
            figures["latency"] = measure_latency()
            say(f"latency: {figures['latency']}")
    return figures


def measure_throughput() -> dict[str, float]:
    """Give batches of 200 chats that wait, and single ones, the roster warm; count queries in a pass of its own."""
    tickets = scene.create_chat_tickets(BATCH * (ROUNDS + 2) + 20, database_now())
    _pass(tickets[:BATCH])
    tickets = tickets[BATCH:]
    with CaptureQueriesContext(connection) as queries:
        _, counted, _ = _pass(tickets[:BATCH])
    spent, offered, engine = 0.0, 0, 0.0
    for turn in range(1, ROUNDS + 1):
        seconds, offers, thought = _pass(tickets[turn * BATCH : (turn + 1) * BATCH])
        spent, offered, engine = spent + seconds, offered + offers, engine + thought
    single = [_pass([ticket])[0] for ticket in tickets[(ROUNDS + 1) * BATCH :]]
    return {
        "offers_per_second": round(offered / spent, 1),
        "milliseconds_per_batch": round(1000 * spent / ROUNDS, 1),
        "engine_share": round(engine / spent, 3),
        "milliseconds_for_one": round(1000 * sorted(single)[len(single) // 2], 1) if single else 0.0,
        "queries_per_assignment": round(len(queries) / max(1, counted), 3),
    }


def measure_floor() -> dict[str, float]:
    """Claim chats one by one with SKIP LOCKED, without choosing or saying why: what bare SQL does."""
    tickets = scene.create_chat_tickets(400, database_now())
    scene.open_chats(tickets, database_now())
    started = time.perf_counter()
    claimed = 0
    while scene.claim_chat():
        claimed += 1
    seconds = time.perf_counter() - started
    scene.finish_offers(database_now(), everything=True)
    return {"claims_per_second": round(claimed / seconds, 1), "claimed": claimed}


def measure_latency() -> dict[str, float]:
    """Let chats come in small groups, ring the bell through Redis, and see when each offer is committed."""
    tickets = scene.create_chat_tickets(RATE * (SECONDS + 3), database_now())
    came: dict[int, float] = {}
    offered: dict[int, float] = {}
    stop = threading.Event()
    with ExitStack() as stack:
        ring = stack.enter_context(_worker())
        helpers = [
            threading.Thread(target=_watch, args=(offered, stop)),
            threading.Thread(target=_answer, args=(stop,)),
        ]
        for helper in helpers:
            helper.start()
        _come(tickets[: RATE * 3], {}, ring)
        _come(tickets[RATE * 3 :], came, ring)
        time.sleep(2)
        stop.set()
        for helper in helpers:
            helper.join()
    scene.finish_offers(database_now(), everything=True)
    waits = sorted(1000 * (offered[item] - at) for item, at in came.items() if item in offered)
    cuts = quantiles(waits, n=100)
    return {
        "arrivals_per_second": RATE,
        "offered_share": round(len(waits) / max(1, len(came)), 4),
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
    }


def _pass(tickets: list[int]) -> tuple[float, int, float]:
    """Let chats wait and make one pass; return its seconds, offers and the engine's seconds."""
    scene.open_chats(tickets, database_now())
    now = database_now()
    started = time.perf_counter()
    done = dispatch.assign_waiting_work(now)
    seconds = time.perf_counter() - started
    scene.finish_offers(database_now(), everything=True)
    return seconds, done.offered, done.engine_seconds


def _come(tickets: list[int], came: dict[int, float], ring: Callable[[], None]) -> None:
    """Let chats come in groups of ten, twenty groups a second, and note when each was committed."""
    due = time.perf_counter()
    for begin in range(0, len(tickets), BURST):
        group = tickets[begin : begin + BURST]
        with transaction.atomic():
            scene.open_chats(group, database_now())
        committed = time.perf_counter()
        ring()
        for item in WorkItem.objects.filter(ticket__in=group).values_list("pk", flat=True):
            came[item] = committed
        due += BURST / RATE
        time.sleep(max(0.0, due - time.perf_counter()))


def _watch(offered: dict[int, float], stop: threading.Event) -> None:
    """Note when offers become visible to others, looking every few milliseconds."""
    seen = 0
    while not stop.is_set():
        new = Offer.objects.filter(pk__gt=seen).order_by("pk")
        for offer, item in new.values_list("pk", "item_id"):
            offered.setdefault(item, time.perf_counter())
            seen = offer
        time.sleep(0.003)
    connection.close()


def _answer(stop: threading.Event) -> None:
    """Let people be done a second after they were asked."""
    while not stop.wait(0.25):
        scene.finish_offers(database_now(), older=ANSWERED_AFTER)
    connection.close()


@contextmanager
def _worker() -> Iterator[Callable[[], None]]:
    """Start a Redis and the routing worker, warm; give the function that rings."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not installed; this measurement needs it.")
    port = _free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        _start(
            stack, [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder], {}
        )
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "helpdesk", "worker", "--queues", "routing",
                   "--concurrency", "1", "--pool", "solo", "--loglevel", "WARNING", "--without-gossip",
                   "--without-mingle"]  # fmt: skip
        _start(stack, command, {"REDIS_URL": url, "SECRET_KEY": settings.SECRET_KEY, **_database()})
        app = Celery(broker=url)
        app.conf.task_ignore_result = True

        def ring() -> None:
            app.send_task("routing.tasks.route", args=(time.time(),), queue="routing", ignore_result=True)

        ring()
        time.sleep(10)
        yield ring


def _database() -> dict[str, str]:
    """Return the address of the scratch database for a process beside this one.

    It goes in by the application's own role, as it does in earnest, and so keeps its connections.
    """
    if os.environ.get("DATABASE_URL"):
        return {}
    addresses = json.loads((Path(os.environ["TANDEM_DATA"]) / "run" / "postgres.json").read_text())
    return {"DATABASE_URL": str(addresses["app"]), "TANDEM_AS_OWNER": "0"}


def _start(stack: ExitStack, command: list[str], environment: dict[str, str]) -> None:
    child = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    stack.callback(_end, child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
