"""What a mail costs from the ledger to its ticket, with one and two readers, beside what nothing can beat."""

from __future__ import annotations

import email
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from helpdesk.bench.cpu import cpu_milliseconds, peak_mib
from helpdesk.bench.mails import MAILBOX, make_batch, make_opening_mails
from helpdesk.bench.pages import grow_to, postmaster
from helpdesk.demo.shop import create_shop
from routing.estimates import waits
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.models import Queue, Ticket

PLAIN, LARGE = 500, 50
FLOOR_ROWS = 550


def measure_email(*, tickets: int = 10_000, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Bring 550 mails in, 50 of them with a file of 200 kB; return rates, CPU, memory and queries."""
    if not Queue.objects.exists():
        create_shop(now=database_now())
    grow_to(tickets, say)
    server = postmaster()
    waits.refresh_counts(database_now())  # the sweep does that
    _warm_up(say)
    figures: dict[str, Any] = {"tickets": Ticket.objects.count(), "mails": PLAIN + LARGE}
    with _workers(1) as (worker,):
        figures["plain"] = _measure([worker], _kept("plain", PLAIN, 0), server)
        figures["with_200_kb"] = _measure([worker], _kept("large", 0, LARGE), server)
        figures["one_worker"] = _measure([worker], _kept("one", PLAIN, LARGE), server)
        figures["worker_peak_mib"] = round(peak_mib(worker.pid), 1)
    with _workers(2) as two:
        figures["two_workers"] = _measure(two, _kept("two", PLAIN, LARGE), server)
    figures["storing"] = _storing(server)
    figures["load_average"] = round(os.getloadavg()[0], 1)  # above the cores, CPU times are no measure
    figures["floor"] = _floor()
    _add_ratios(figures)
    say(f"{figures['one_worker']['mails_per_second']} mails/s, {figures['plain']['cpu_ms']} ms CPU each")
    return figures


def _warm_up(say: Callable[[str], None]) -> None:
    """Let each sender write once, so that the measured mails come from people who are known."""
    say("warming up")
    with _workers(2) as two:
        _measure(two, [_keep(raw) for raw in make_opening_mails()], os.getpid())


def _keep(raw: bytes) -> int:
    row, _is_new = mailroom.accept(raw, recipients=[MAILBOX], now=database_now())
    return row.pk


def _kept(name: str, plain: int, large: int) -> list[int]:
    return [_keep(raw) for raw in make_batch(name, plain, large)]


def _measure(workers: Sequence[subprocess.Popen[str]], rows: Sequence[int], server: int) -> dict[str, Any]:
    """Give the rows out to the workers and say what reading them took."""
    roots = [server, *(worker.pid for worker in workers)]
    before, started = cpu_milliseconds(roots), time.perf_counter()
    for number, worker in enumerate(workers):
        _ask(worker, list(rows[number :: len(workers)]))
    answers = [_answer(worker) for worker in workers]
    seconds = time.perf_counter() - started
    return {
        "mails_per_second": round(len(rows) / seconds, 1),
        "cpu_ms": round((cpu_milliseconds(roots) - before) / len(rows), 2),
        "queries": round(sum(answer["queries"] for answer in answers) / len(rows), 1),
    }


@contextmanager
def _workers(count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start readers that have read nothing yet; stop them in the end."""
    command = [sys.executable, "-m", "helpdesk.bench.email_worker"]
    environment = {**os.environ, "TANDEM_LOG_LEVEL": "ERROR"}
    environment.pop("TANDEM_AS_OWNER", None)
    started = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        for (
            worker
        ) in started:  # connections, imports and the reading processes are ready before the clock runs
            _ask(worker, [_keep(raw) for raw in make_batch(f"ready-{worker.pid}", 6, 2)])
            _answer(worker)
        yield started
    finally:
        for worker in started:
            worker.communicate()


def _ask(worker: subprocess.Popen[str], rows: list[int]) -> None:
    assert worker.stdin is not None  # noqa: S101  (a pipe was asked for)
    worker.stdin.write(json.dumps(rows) + "\n")
    worker.stdin.flush()


def _answer(worker: subprocess.Popen[str]) -> dict[str, Any]:
    assert worker.stdout is not None  # noqa: S101
    line = worker.stdout.readline()
    if not line:
        raise RuntimeError("The reader of the ledger has ended.")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _storing(server: int) -> dict[str, Any]:
    """Measure what a sender waits for: the raw mail committed to the ledger."""
    mails = make_batch("stored", PLAIN, LARGE)
    before, started = cpu_milliseconds([server, os.getpid()]), time.perf_counter()
    for raw in mails:
        _keep(raw)
    seconds = time.perf_counter() - started
    spent = cpu_milliseconds([server, os.getpid()]) - before
    return {"mails_per_second": round(len(mails) / seconds, 1), "cpu_ms": round(spent / len(mails), 2)}


def _floor() -> dict[str, Any]:
    """Measure the standard library reading the same mails, and single rows committed to disk."""
    mails = make_batch("floor", PLAIN, LARGE)
    started, spent = time.perf_counter(), time.process_time()
    for raw in mails:
        for part in email.message_from_bytes(raw).walk():
            part.get_payload(decode=True)
    parsing, spent = time.perf_counter() - started, time.process_time() - spent
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, data text)")
        started = time.perf_counter()
        for _ in range(FLOOR_ROWS):
            cursor.execute("INSERT INTO bench_floor (data) VALUES ('one row')")
        inserting = time.perf_counter() - started
        cursor.execute("DROP TABLE bench_floor")
    return {
        "bare_parsing_per_second": round(len(mails) / parsing, 1),
        "bare_parsing_cpu_ms": round(spent * 1000 / len(mails), 3),
        "one_row_inserts_per_second": round(FLOOR_ROWS / inserting, 1),
    }


def _add_ratios(figures: dict[str, Any]) -> None:
    """Say how far the readers stay below the floor, and what the second one brings."""
    floor = figures["floor"]
    for name in ("one_worker", "two_workers"):
        rate = figures[name]["mails_per_second"]
        figures[name]["of_bare_parsing"] = round(rate / floor["bare_parsing_per_second"], 3)
        figures[name]["of_one_row_inserts"] = round(rate / floor["one_row_inserts_per_second"], 3)
    figures["second_worker"] = round(
        figures["two_workers"]["mails_per_second"] / figures["one_worker"]["mails_per_second"], 2
    )
