"""Read mails in processes that may be killed: hostile input costs one mail, never the server.

The processes are plain programs (`worker.py`) at the other end of a socket. They see no settings, no database
and no environment, may not write files and have a memory limit. They are not children of `multiprocessing`,
which refuses to start any inside a Celery worker and loads the whole main program into each.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tickets.channels.email.inbound.wire import ANSWER, REQUEST, receive, unpack
from tickets.channels.email.parsing import HtmlRefused, ParsedMail
from tickets.platform.confinement import build_environment

TIMEOUT_SECONDS = 20.0
START_SECONDS = 30.0
MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSES = min(os.cpu_count() or 1, 4)
PROJECT = Path(__file__).resolve().parents[4]


class SandboxError(Exception):
    """The input could not be read; the message says why, for the person who finds it in quarantine."""


class ParseTimeout(SandboxError):
    """Reading took longer than allowed, and was stopped."""


class ParseCrashed(SandboxError):
    """The reading process ended: out of memory, or a fault in a library."""


class SandboxUnavailable(OSError):
    """No process could be started. The machine's fault, not the mail's: try again later."""


def parse_in_sandbox(raw: bytes, *, timeout_seconds: float = TIMEOUT_SECONDS) -> ParsedMail:
    """Return `parse_email(raw)`, computed elsewhere.

    Safe to call from many threads; waits for a free process when all are busy.

    Raises:
        ParseTimeout: it took longer than `timeout_seconds`.
        ParseCrashed: the process ended.
        SandboxUnavailable: there is no process; the mail may be fine.
    """
    answer = _pool.ask(b"P", raw, timeout_seconds)
    return unpack(answer.data, answer.contents)


def sanitise_in_sandbox(
    html: str, *, remote_images: bool = False, timeout_seconds: float = TIMEOUT_SECONDS
) -> str:
    """Return `sanitise(html)`, computed elsewhere.

    Raises:
        HtmlRefused: the guard stopped it.
        ParseTimeout: it took longer than `timeout_seconds`.
        ParseCrashed: the process ended.
        SandboxUnavailable: there is no process.
    """
    what = b"R" if remote_images else b"S"
    answer = _pool.ask(what, html.encode("utf-8", "replace"), timeout_seconds)
    if answer.status == b"H":
        raise HtmlRefused(json.loads(answer.data))
    return str(json.loads(answer.data))


def close() -> None:
    """Stop the processes. They also stop by themselves when this one ends."""
    _pool.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process said: how it went, whether it stops now, JSON, and attachments one after the other."""

    status: bytes
    is_last: bool
    data: bytes
    contents: memoryview


class _Process:
    """One reading process and the socket to it."""

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tickets.channels.email.reading.worker", str(theirs.fileno())]
            self.program = subprocess.Popen(
                [*command, str(MEMORY_BYTES)],
                cwd=PROJECT,
                env=build_environment(str(PROJECT)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        if not self._has_started():
            self.kill()
            raise SandboxUnavailable("The process that reads mails did not start.")

    def ask(self, what: bytes, data: bytes, seconds: float) -> Answer:
        """Send one request and wait for its answer."""
        deadline = time.monotonic() + seconds
        try:
            self.socket.settimeout(seconds)
            self.socket.sendall(REQUEST.pack(what, seconds, len(data)) + data)
            head = receive(self.socket, ANSWER.size, deadline)
            if len(head) == ANSWER.size:
                status, last, length, rest = ANSWER.unpack(head)
                body = receive(self.socket, length + rest, deadline)
                if len(body) == length + rest:
                    return Answer(status, last, bytes(body[:length]), memoryview(body)[length:])
        except TimeoutError:
            raise ParseTimeout(f"Reading took longer than {seconds:g} seconds and was stopped.") from None
        except OSError:
            pass
        if time.monotonic() >= deadline:
            raise ParseTimeout(f"Reading took longer than {seconds:g} seconds and was stopped.")
        ending = self._ending()
        if ending == f"signal {signal.SIGPROF}":
            raise ParseTimeout("Reading used up the processor, as no honest mail does, and was stopped.")
        raise ParseCrashed(f"The process that read it ended ({ending}).")

    @property
    def is_running(self) -> bool:
        return self.program.poll() is None

    def kill(self) -> None:
        self.socket.close()
        with suppress(ProcessLookupError):
            self.program.kill()
        self.program.wait()

    def _has_started(self) -> bool:
        self.socket.settimeout(START_SECONDS)
        try:
            return receive(self.socket, 1) == b"!"
        except OSError:
            return False

    def _ending(self) -> str:
        try:
            code = self.program.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it hung up"
        return f"signal {-code}" if code < 0 else f"code {code}"


class _Pool:
    """Up to PROCESSES reading processes, started when first needed and kept."""

    def __init__(self) -> None:
        self.free: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        self.all: set[_Process] = set()
        self.lock = threading.Lock()
        for _ in range(PROCESSES):
            self.free.put(None)

    def ask(self, what: bytes, data: bytes, seconds: float) -> Answer:
        process = self.free.get()
        try:
            answer = process.ask(what, data, seconds) if process and process.is_running else None
        except ParseCrashed:
            answer = None  # perhaps it had ended before this mail came: only a fresh one can tell
        except BaseException:
            self._give_up(process)
            raise
        if answer is None:
            self._drop(process)
            process, answer = self._ask_fresh(what, data, seconds)
        if answer.is_last:
            self._give_up(process)
        else:
            self.free.put(process)
        return answer

    def _ask_fresh(self, what: bytes, data: bytes, seconds: float) -> tuple[_Process, Answer]:
        process = None
        try:
            process = _Process()
            with self.lock:
                self.all.add(process)
            return process, process.ask(what, data, seconds)
        except BaseException:
            self._give_up(process)
            raise

    def _give_up(self, process: _Process | None) -> None:
        """Stop a process and leave its place to one that is started when needed."""
        self._drop(process)
        self.free.put(None)

    def _drop(self, process: _Process | None) -> None:
        if process is not None:
            with self.lock:
                self.all.discard(process)
            process.kill()

    def close(self) -> None:
        with self.lock:
            processes, self.all = self.all, set()
        for process in processes:
            process.kill()

    def forget(self) -> None:
        """Close this process's copies of the sockets after a fork; the parent goes on using its own."""
        for process in list(self.all):
            process.socket.close()


_pool = _Pool()


def _after_fork() -> None:
    global _pool  # noqa: PLW0603 - the child must not talk over its parent's sockets
    _pool.forget()
    _pool = _Pool()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close)
