"""aiosmtpd's SMTP and LMTP, with bounds on what the peers of one listener may make it hold.

aiosmtpd keeps each line of a mail as an object of its own, and a line without an end for as long as it goes
on: a mail of 45 MB of empty lines took 1.8 GB and 40 seconds of the process that serves pages, and an
endless line all the memory there is. Here a mail is read in large pieces into one buffer. All of a
listener's connections hold a bounded number of bytes; which one has to go is told by what it holds, not by
its address, since behind a mail server of one's own all mails come from one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

MOST_CONNECTIONS = 200
PIECE_BYTES = 256 * 1024
LINE_END, END = b"\r\n", b"\r\n.\r\n"
TOO_LARGE = "552 5.3.4 Error: Too much mail data"
BUSY = b"452 4.3.1 Too much mail at once, try again later\r\n"
CROWDED = b"421 4.7.0 Too many connections, try again later\r\n"


class Crowd:
    """The connections of one listener, in the order in which they came, and how many bytes each holds."""

    def __init__(self, *, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.held: dict[BoundedSMTP, int] = {}

    def enter(self, connection: BoundedSMTP) -> None:
        """Let a connection in; where there are too many, the one that has been there for the longest goes."""
        self.held[connection] = 0
        if len(self.held) > MOST_CONNECTIONS:
            self._dismiss(next(iter(self.held)), CROWDED)

    def leave(self, connection: BoundedSMTP) -> None:
        """Forget a connection that has ended."""
        self.held.pop(connection, None)

    def hold(self, connection: BoundedSMTP, size: int) -> None:
        """Note what a connection holds; where it is too much together, the one that holds most goes."""
        if connection in self.held:
            self.held[connection] = size
        if sum(self.held.values()) > self.most_bytes:
            self._dismiss(max(self.held, key=lambda other: self.held[other]), BUSY)

    def _dismiss(self, connection: BoundedSMTP, words: bytes) -> None:
        self.leave(connection)
        connection.hang_up(words)


class BoundedSMTP(SMTP):
    """One connection. Its mail is one buffer; `crowd` bounds what all connections hold."""

    def __init__(self, handler: Any, *, crowd: Crowd, **options: Any) -> None:
        super().__init__(handler, **options)
        self.crowd = crowd

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.crowd.enter(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.leave(self)
        super().connection_lost(error)

    def hang_up(self, words: bytes) -> None:
        """Say why in one line, and end the connection."""
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(words)
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  (aiosmtpd's name)
        """Take one mail and give it to the handler, or say why not."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if arg or self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            content = await self._mail()
            if content is None:
                status = TOO_LARGE
            else:
                self.envelope.content = self.envelope.original_content = content
                status = await self._call_handler_hook("DATA")
        finally:
            self.crowd.hold(self, 0)
            self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(status)

    async def _mail(self) -> bytes | None:
        """Return the mail that follows, without the dots of its transport; None for one that is too large.

        What goes on far beyond the limit is not waited for. Raises ConnectionResetError.
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
                self._unread(bytes(data[end + len(END) :]))
                return None if is_too_large else _without_dots(data, end)
            if is_too_large:
                del data[: -len(END)]
                if total > 2 * limit:
                    self.hang_up(TOO_LARGE.encode() + LINE_END)  # which ends this task
            self.crowd.hold(self, len(data))

    def _unread(self, rest: bytes) -> None:
        """Give back the commands that a client sent together with the end of its mail."""
        self._reader._buffer[:0] = rest  # type: ignore[attr-defined]


class BoundedLMTP(BoundedSMTP, LMTP):
    """The same for LMTP."""


def _without_dots(data: bytearray, end: int) -> bytes:
    """Return the lines up to `end`; each that began with a dot was sent with one more (RFC 5321, 4.5.2)."""
    with memoryview(data) as view:
        lines = bytes(view[: end + len(LINE_END)])
    return lines.replace(LINE_END + b".", LINE_END)[len(LINE_END) :]
