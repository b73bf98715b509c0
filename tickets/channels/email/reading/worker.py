"""The program inside the sandbox: read one request after the other from a socket, and answer."""

from __future__ import annotations

import json
import resource
import signal
import socket
import sys
from pathlib import Path

from tickets.channels.email.inbound.wire import ANSWER, REQUEST, pack, receive
from tickets.channels.email.parsing import HtmlRefused, parse_email, sanitise
from tickets.platform.confinement import confine_process

REQUESTS = 5_000  # of one process; then a fresh one takes over
KEPT_KILOBYTES = 400 * 1024  # of resident memory, above which a process is not kept
LARGE_BYTES, LOOKED_EVERY = 32 * 1024, 16
GRACE_SECONDS = 1.0
CPU_SECONDS = 5.0  # of one request; the time a busy machine lets it wait is not counted


def main() -> None:
    """Answer requests until the socket is closed. Arguments: its file number, the memory limit in bytes."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    confine_process(int(sys.argv[2]))
    connection.sendall(b"!")
    for count in range(1, REQUESTS + 1):
        head = receive(connection, REQUEST.size)
        if len(head) < REQUEST.size:
            return
        what, seconds, length = REQUEST.unpack(head)
        # The kernel ends this process even if the caller is gone: no handler is set, the default kills.
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        status, answer, contents = _answer(what, bytes(receive(connection, length)))
        is_last = count == REQUESTS or (_may_have_grown(count, length) and _is_too_large())
        connection.sendall(ANSWER.pack(status, is_last, len(answer), sum(map(len, contents))) + answer)
        for content in contents:
            connection.sendall(content)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        if is_last:
            return


def _answer(what: bytes, data: bytes) -> tuple[bytes, bytes, list[bytes]]:
    if what == b"P":
        return b"+", *pack(parse_email(data))
    try:
        return b"+", json.dumps(sanitise(data.decode(), remote_images=what == b"R")).encode(), []
    except HtmlRefused as refused:
        return b"H", json.dumps(str(refused)).encode(), []


def _may_have_grown(count: int, length: int) -> bool:
    """Tell whether to look at the memory: after every large request, and now and then."""
    return length > LARGE_BYTES or count % LOOKED_EVERY == 0


def _is_too_large() -> bool:
    return _resident_kilobytes() > KEPT_KILOBYTES


def _resident_kilobytes() -> int:
    """Return the memory this process holds now.

    The peak that getrusage tells starts, on Linux, at what the parent held when it started this program.
    """
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    main()
