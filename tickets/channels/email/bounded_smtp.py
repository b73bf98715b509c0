"""aiosmtpd's SMTP and LMTP, with limits on the memory that the clients of one listener can use.

aiosmtpd stores each line of a mail as an object, and has no limit for an endless line: a mail of 45 MB of
empty lines took 1.8 GB and 40 seconds of the process that serves pages, and an endless line all memory. Here
a mail is read in large pieces into one buffer, and the buffers of all connections together are limited. If
they exceed the limit, the connection with the largest buffer is closed; its address is not considered,
because behind the company's own mail server all mails come from one address.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

MAX_CONNECTIONS = 200
PIECE_BYTES = 256 * 1024
LINE_END, END = b"\r\n", b"\r\n.\r\n"
TOO_LARGE = "552 5.3.4 Error: Too much mail data"
BUSY = b"452 4.3.1 Too much mail at once, try again later\r\n"
CROWDED = b"421 4.7.0 Too many connections, try again later\r\n"


class ConnectionPool:
    """The connections of one listener, oldest first, and how many bytes each of them has buffered."""

    def __init__(self, *, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.sizes: dict[BoundedSMTP, int] = {}

    def add(self, connection: BoundedSMTP) -> None:
        """Add a connection; if there are more than MAX_CONNECTIONS, close the oldest."""
        self.sizes[connection] = 0
        if len(self.sizes) > MAX_CONNECTIONS:
            self._dismiss(next(iter(self.sizes)), CROWDED)

    def remove(self, connection: BoundedSMTP) -> None:
        """Remove a connection that has ended."""
        self.sizes.pop(connection, None)

    def record_size(self, connection: BoundedSMTP, size: int) -> None:
        """Record the bytes a connection has buffered; if the sum is over the limit, close the largest."""
        if connection in self.sizes:
            self.sizes[connection] = size
        if sum(self.sizes.values()) > self.max_bytes:
            self._dismiss(max(self.sizes, key=lambda other: self.sizes[other]), BUSY)

    def _dismiss(self, connection: BoundedSMTP, words: bytes) -> None:
        self.remove(connection)
        connection.hang_up(words)


class BoundedSMTP(SMTP):
    """One SMTP connection, which reads a mail into one buffer; `pool` limits the sum of all buffers."""

    def __init__(self, handler: Any, *, pool: ConnectionPool, **options: Any) -> None:
        super().__init__(handler, **options)
        self.pool = pool

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.pool.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.pool.remove(self)
        super().connection_lost(error)

    def hang_up(self, words: bytes) -> None:
        """Send a reply line that gives the reason, and close the connection."""
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(words)
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  (aiosmtpd's name)
        """Receive one mail and pass it to the handler, or reply with the reason of a refusal."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if arg or self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            content = await self._read_mail()
            if content is None:
                status = TOO_LARGE
            else:
                self.envelope.content = self.envelope.original_content = content
                status = await self._call_handler_hook("DATA")
        finally:
            self.pool.record_size(self, 0)
            self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(status)

    async def _read_mail(self) -> bytes | None:
        """Read a mail up to its final dot and remove dot stuffing; return None if it is too large.

        The connection is closed once a mail is twice as large as the limit. Raises ConnectionResetError.
        """
        limit = self.data_size_limit or 0
        data, total, is_too_large = bytearray(LINE_END), 0, False
        while True:
            piece = await self._reader.read(PIECE_BYTES)
            if not piece:
                raise ConnectionResetError
            searched, total = max(0, len(data) - len(END) + 1), total + len(piece)
            data += piece
            end = data.find(END, searched)
            size = total if end < 0 else total - (len(data) - end - len(END))
            is_too_large = is_too_large or bool(limit and size > limit + len(END))
            if end >= 0:
                self._push_back(bytes(data[end + len(END) :]))
                return None if is_too_large else _unstuff_dots(data, end)
            if is_too_large:
                del data[: -len(END)]
                if total > 2 * limit:
                    self.hang_up(TOO_LARGE.encode() + LINE_END)  # which ends this task
            self.pool.record_size(self, len(data))

    def _push_back(self, rest: bytes) -> None:
        """Put commands that the client sent right after its mail back into the reader's buffer."""
        self._reader._buffer[:0] = rest  # type: ignore[attr-defined]


class BoundedLMTP(BoundedSMTP, LMTP):
    """The same for LMTP (RFC 2033)."""


def _unstuff_dots(data: bytearray, end: int) -> bytes:
    """Return the lines up to `end`, without the dot added to lines that begin with one (RFC 5321, 4.5.2)."""
    with memoryview(data) as view:
        lines = bytes(view[: end + len(LINE_END)])
    return lines.replace(LINE_END + b".", LINE_END)[len(LINE_END) :]
