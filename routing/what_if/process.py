"""The process that lives through a trial: listened to, and ended when time is over or nobody asks."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from routing.what_if.problems import make_refusal

PROJECT = Path(__file__).resolve().parent.parent.parent
COMMAND = (sys.executable, "-m", "routing.simulation.child")
KEPT = ("PATH", "LD_LIBRARY_PATH")
LONGEST_SECONDS = 1200.0
ASK_EVERY = 10.0


class Stopped(Exception):
    """Nobody wants the answer any more."""


def run_in_process(
    task: dict[str, Any], say: Callable[[dict[str, Any]], None], *, alive: Callable[[], bool]
) -> list[Any]:
    """Live through a task in a process without database or settings; return the table of its numbers.

    `say` gets every finished run, `alive` is asked every ten seconds. Raises Stopped when it says no, and
    Invalid when the process takes too long or ends by itself.
    """
    with tempfile.TemporaryFile("w+") as written:
        json.dump(task, written)
        written.seek(0)
        # The process gets no more of our surroundings than it needs, and our threads one core only.
        surroundings = {name: os.environ[name] for name in KEPT if name in os.environ}
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        program = subprocess.Popen(
            COMMAND,
            cwd=PROJECT,
            env={**surroundings, **threads, "PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8"},
            stdin=written,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
    try:
        return _listen(program, say, alive)
    finally:
        program.kill()
        program.wait()


def _listen(
    program: subprocess.Popen[str], say: Callable[[dict[str, Any]], None], alive: Callable[[], bool]
) -> list[Any]:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(program.stdout, lines), daemon=True).start()
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_SECONDS:
        try:
            line = lines.get(timeout=ASK_EVERY)
        except queue.Empty:
            if not alive():
                raise Stopped from None
            continue
        if line is None:
            raise make_refusal("ended")
        message = json.loads(line)
        if "table" in message:
            table: list[Any] = message["table"]
            return table
        say(message)
        if not alive():
            raise Stopped
    raise make_refusal("too_long")


def _read(stream: IO[str] | None, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream or ():
        lines.put(line)
    lines.put(None)
