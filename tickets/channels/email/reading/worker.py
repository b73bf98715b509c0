"""The sandboxed program: it handles requests from a socket, one after the other."""

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

REQUESTS = 5_000  # handled by one process, which is then replaced
MAX_KILOBYTES = 400 * 1024  # of resident memory, above which the process is replaced
LARGE_BYTES, CHECK_EVERY = 32 * 1024, 16
GRACE_SECONDS = 1.0
CPU_SECONDS = 5.0  # of processor time for one request, not counting the waiting time on a busy machine


def main() -> None:
    """Handle requests until the socket closes. Arguments: its file descriptor, the memory limit in bytes."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    confine_process(int(sys.argv[2]))
    connection.sendall(b"!")
    for count in range(1, REQUESTS + 1):
        head = receive(connection, REQUEST.size)
        if len(head) < REQUEST.size:
            return
        command, seconds, length = REQUEST.unpack(head)
        # The kernel kills this process by these timers, even if the caller is gone; no handler is set.
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        status, answer, contents = _handle_request(command, bytes(receive(connection, length)))
        is_last = count == REQUESTS or (_may_have_grown(count, length) and _is_too_large())
        connection.sendall(ANSWER.pack(status, is_last, len(answer), sum(map(len, contents))) + answer)
        for content in contents:
            connection.sendall(content)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        if is_last:
            return


def _handle_request(command: bytes, data: bytes) -> tuple[bytes, bytes, list[bytes]]:
    if command == b"P":
        return b"+", *pack(parse_email(data))
    try:
        return b"+", json.dumps(sanitise(data.decode(), remote_images=command == b"R")).encode(), []
    except HtmlRefused as refused:
        return b"H", json.dumps(str(refused)).encode(), []


def _may_have_grown(count: int, length: int) -> bool:
    """Return whether to check the memory: after each large request, and every 16 requests."""
    return length > LARGE_BYTES or count % CHECK_EVERY == 0


def _is_too_large() -> bool:
    return _resident_kilobytes() > MAX_KILOBYTES


def _resident_kilobytes() -> int:
    """Return the resident memory of this process in KB.

    Not from getrusage: on Linux its peak includes the parent's memory at the time of the fork.
    """
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    main()
