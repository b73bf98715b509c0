"""uvicorn's HTTP protocol with an end to patience: how long a request may take to arrive.

uvicorn waits for ever for the rest of a request, so that a few hundred connections which send a byte now and
then would hold the server. Here the head has one deadline from the connection's first moment, the body has a
least speed, a longest time and a largest size, and a client that does not read its answer is let go. Behind
a proxy all clients have one address, so that nothing is counted by address: when too many requests are
incomplete at once, the one that has been so for the longest is given up; when their bodies together are too
large (Django keeps them on disk before a view sees them), the one with the largest.

In the distributed way nginx holds the same bounds (helpdesk/runtime/reverse_proxy.py).
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from helpdesk.runtime.processes import SOCKET_FRAME_BYTES

TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
BODY_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def most_incomplete() -> int:
    """Return how many incomplete requests may be held at once: a quarter of the files we may open."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(1024, max(64, soft // 4))


class ImpatientHttp(HttpToolsProtocol):
    """One connection. It waits (for a head, a body, or a client that reads) or the server works."""

    HEAD_SECONDS: ClassVar[float] = 15.0  # from connecting, or from the answer before
    HEAD_BYTES: ClassVar[int] = 64 * 1024
    BODY_SECONDS: ClassVar[float] = 20.0  # and one more for each BODY_SPEED bytes received
    BODY_SPEED: ClassVar[int] = 8 * 1024
    BODY_LONGEST_SECONDS: ClassVar[float] = 600.0
    BODY_BYTES: ClassVar[int] = 208 * 1024 * 1024  # beyond what a form still answers to in words
    ALL_BODIES_BYTES: ClassVar[int] = 1024 * 1024 * 1024  # of all incomplete requests together
    READING_SECONDS: ClassVar[float] = 60.0  # for the client to take what is buffered for it
    FAREWELL_SECONDS: ClassVar[float] = 5.0
    MOST_INCOMPLETE: ClassVar[int] = most_incomplete()
    incomplete: ClassVar[dict[ImpatientHttp, None]] = {}  # in the order in which they began to wait

    _deadline: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _body_bytes = 0
    _body_began: float | None = None
    _is_draining = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        self._stop_reading_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        is_head_missing = self in self.incomplete and self._body_began is None
        if is_head_missing and self._head_bytes > self.HEAD_BYTES:
            self._give_up(TOO_LARGE)

    def on_headers_complete(self) -> None:
        if self._announced_bytes() > self.BODY_BYTES:
            self._give_up(BODY_TOO_LARGE)
            return
        self._body_began, self._body_bytes = self.loop.time(), 0
        self._set_deadline(self.BODY_SECONDS, self._look_at_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.transport.is_closing():  # given up, and what came with the head is still being read
            return
        self._body_bytes += len(body)
        if self._body_bytes > self.BODY_BYTES:
            self._give_up(BODY_TOO_LARGE)
            return
        super().on_body(body)
        if sum(other._body_bytes for other in self.incomplete) > self.ALL_BODIES_BYTES:
            max(self.incomplete, key=lambda other: other._body_bytes)._give_up(BODY_TOO_LARGE)

    def on_message_complete(self) -> None:
        if self.transport.is_closing():
            return
        self._wait_no_more()
        super().on_message_complete()
        if getattr(self.cycle, "response_complete", False):  # answered before all had arrived
            self._wait_for_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._body_began is None and self.cycle.response_complete:
            self._wait_for_head()

    def handle_websocket_upgrade(self) -> None:
        self._wait_no_more()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop_reading_clock()
        self._reading = self.loop.call_later(self.READING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_reading_clock()
        super().resume_writing()

    def _announced_bytes(self) -> int:
        """Return how large the body says that it is, 0 where it does not."""
        length = dict(self.headers).get(b"content-length", b"")
        return int(length[:20]) if length.isdigit() else 0

    def _wait_for_head(self) -> None:
        self._head_bytes, self._is_draining = 0, False
        self._set_deadline(self.HEAD_SECONDS, self._look_at_head)

    def _set_deadline(self, seconds: float, then: Callable[[], None]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, then)
        self.incomplete.setdefault(self)
        if len(self.incomplete) > self.MOST_INCOMPLETE:
            next(iter(self.incomplete))._give_up()

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._body_began = None
        self._body_bytes = 0
        self.incomplete.pop(self, None)

    def _stop_reading_clock(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reading = None

    def _look_at_head(self) -> None:
        """End the connection, unless the client is still reading the answer before."""
        if self.transport.get_write_buffer_size() and not self._is_draining:
            self._is_draining = True
            self._set_deadline(self.READING_SECONDS, self._look_at_head)
        else:
            self._give_up(TIMEOUT if self._head_bytes else b"")

    def _look_at_body(self) -> None:
        """End the connection if its body is too slow; where we do not read ourselves, that is no fault."""
        taken = self.loop.time() - (self._body_began or 0.0)
        allowed = min(self.BODY_SECONDS + self._body_bytes / self.BODY_SPEED, self.BODY_LONGEST_SECONDS)
        if self.flow.read_paused:
            self._set_deadline(self.BODY_SECONDS, self._look_at_body)
        elif taken >= allowed:
            is_answered = getattr(self.cycle, "response_started", False)
            self._give_up(b"" if is_answered else TIMEOUT)
        else:
            self._set_deadline(allowed - taken, self._look_at_body)

    def _give_up(self, farewell: bytes = b"") -> None:
        self._wait_no_more()
        if not farewell:
            self.transport.abort()
            return
        self.transport.write(farewell)
        self.transport.close()
        self.loop.call_later(self.FAREWELL_SECONDS, self.transport.abort)


# What uvicorn is told beside: see the module's words, and `SOCKET_FRAME_BYTES` for sockets.
BOUNDS: dict[str, Any] = {
    "http": ImpatientHttp,
    "ws_max_size": SOCKET_FRAME_BYTES,
    "ws_per_message_deflate": False,
}
