"""Parse mails in processes that can be killed, so that hostile input costs one mail and not the server.

The processes are plain programs (`worker.py`) at the other end of a socket. They have no settings, no
database and no environment variables, cannot write files, and have a memory limit. `multiprocessing` is not
used: it cannot start processes inside a Celery worker, and loads the whole main program into each.
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
    """The input could not be parsed; the message is the reason shown in quarantine."""


class ParseTimeout(SandboxError):
    """Parsing took longer than allowed and was stopped."""


class ParseCrashed(SandboxError):
    """The process ended while parsing: out of memory, or a crash in a library."""


class SandboxUnavailable(OSError):
    """No process could be started. This is not the mail's fault: try again later."""


def parse_in_sandbox(raw: bytes, *, timeout_seconds: float = TIMEOUT_SECONDS) -> ParsedMail:
    """Return `parse_email(raw)`, computed in a subprocess.

    Thread-safe; waits for a free process if all are busy.

    Raises:
        ParseTimeout: it took longer than `timeout_seconds`.
        ParseCrashed: the process ended.
        SandboxUnavailable: no process could be started; the mail may be fine.
    """
    answer = _pool.request(b"P", raw, timeout_seconds)
    return unpack(answer.data, answer.contents)


def sanitise_in_sandbox(
    html: str, *, remote_images: bool = False, timeout_seconds: float = TIMEOUT_SECONDS
) -> str:
    """Return `sanitise(html)`, computed in a subprocess.

    Raises:
        HtmlRefused: the HTML would take too long to sanitise or to show.
        ParseTimeout: it took longer than `timeout_seconds`.
        ParseCrashed: the process ended.
        SandboxUnavailable: no process could be started.
    """
    command = b"R" if remote_images else b"S"
    answer = _pool.request(command, html.encode("utf-8", "replace"), timeout_seconds)
    if answer.status == b"H":
        raise HtmlRefused(json.loads(answer.data))
    return str(json.loads(answer.data))


def close() -> None:
    """Stop the processes. They also stop when this process ends."""
    _pool.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """A process's response: its status, whether the process ends now, JSON, and the attachments' bytes."""

    status: bytes
    is_last: bool
    data: bytes
    contents: memoryview


class _Process:
    """One parsing process and the socket to it."""

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

    def request(self, command: bytes, data: bytes, seconds: float) -> Answer:
        """Send one request and return its response. Raises ParseTimeout, ParseCrashed."""
        deadline = time.monotonic() + seconds
        try:
            self.socket.settimeout(seconds)
            self.socket.sendall(REQUEST.pack(command, seconds, len(data)) + data)
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
        ending = self._describe_exit()
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

    def _describe_exit(self) -> str:
        try:
            code = self.program.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it hung up"
        return f"signal {-code}" if code < 0 else f"code {code}"


class _Pool:
    """Up to PROCESSES parsing processes, started when needed and then reused."""

    def __init__(self) -> None:
        self.free: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        self.all: set[_Process] = set()
        self.lock = threading.Lock()
        for _ in range(PROCESSES):
            self.free.put(None)

    def request(self, command: bytes, data: bytes, seconds: float) -> Answer:
        process = self.free.get()
        try:
            answer = process.request(command, data, seconds) if process and process.is_running else None
        except ParseCrashed:
            answer = (
                None  # it may have crashed before this mail: a new process will show whether it is the mail
            )
        except BaseException:
            self._replace(process)
            raise
        if answer is None:
            self._stop(process)
            process, answer = self._request_from_new(command, data, seconds)
        if answer.is_last:
            self._replace(process)
        else:
            self.free.put(process)
        return answer

    def _request_from_new(self, command: bytes, data: bytes, seconds: float) -> tuple[_Process, Answer]:
        process = None
        try:
            process = _Process()
            with self.lock:
                self.all.add(process)
            return process, process.request(command, data, seconds)
        except BaseException:
            self._replace(process)
            raise

    def _replace(self, process: _Process | None) -> None:
        """Stop a process; a new one is started in its place when needed."""
        self._stop(process)
        self.free.put(None)

    def _stop(self, process: _Process | None) -> None:
        if process is not None:
            with self.lock:
                self.all.discard(process)
            process.kill()

    def close(self) -> None:
        with self.lock:
            processes, self.all = self.all, set()
        for process in processes:
            process.kill()

    def close_sockets(self) -> None:
        """Close this process's copies of the sockets after a fork; the parent goes on using its own."""
        for process in list(self.all):
            process.socket.close()


_pool = _Pool()


def _after_fork() -> None:
    global _pool  # noqa: PLW0603 - the child must not use its parent's sockets
    _pool.close_sockets()
    _pool = _Pool()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close)
