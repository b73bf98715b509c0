"""Clients that send too much are refused before it costs memory or disk."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from helpdesk.embedded.slow_clients import BOUNDS
from helpdesk.runtime.processes import PROCESSES, SOCKET_FRAME_BYTES

MB = 1024 * 1024


class Server:
    """The server of `manage.py up` before an application that counts what reaches it."""

    def __init__(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(listener.getsockname()[1])
        self.bytes = 0
        config = uvicorn.Config(
            self.application, interface="asgi3", lifespan="off", log_config=None, **BOUNDS
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
        while (message := await receive())["type"] in ("http.request", "websocket.receive"):
            self.bytes += len(message.get("body") or message.get("text") or "")

    def connect(self, head: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        connection.sendall(head.format(key=base64.b64encode(os.urandom(16)).decode()).encode())
        return connection


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.server.should_exit = True
    server.thread.join(10)


UPGRADE = (
    "GET / HTTP/1.1\r\nHost: tandem\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


def frame(payload: bytes, first: int) -> bytes:
    """Return one text frame of a client, masked with zeros."""
    return struct.pack(">BBQ", first, 0x80 | 127, len(payload)) + bytes(4) + payload


def upgraded(server: Server) -> tuple[socket.socket, bytes]:
    """Open a websocket as a browser does that offers compression; return it and the answer's head."""
    connection, head = server.connect(UPGRADE), b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    return connection, head


def end_of(connection: socket.socket) -> bytes:
    """Return what the server says before it ends the connection."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            said += piece
    return said


def test_small_frames_do_not_grow_into_large_ones(server):
    """16 MB of one letter are 16 kB compressed: ten strangers' sockets held the server for a minute."""
    connection, head = upgraded(server)
    assert b"permessage-deflate" not in head
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeeze.compress(b"a" * 16_000_000) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    connection.sendall(frame(bomb.removesuffix(b"\0\0\xff\xff"), 0xC1) * 8)
    end_of(connection)
    assert server.bytes == 0


@pytest.mark.parametrize("size", [SOCKET_FRAME_BYTES, SOCKET_FRAME_BYTES + 1])
def test_a_frame_has_a_largest_size(server, size):
    connection, _head = upgraded(server)
    connection.sendall(frame(b"a" * size, 0x81) + frame(b"", 0x88))
    end_of(connection)
    assert server.bytes == (size if size <= SOCKET_FRAME_BYTES else 0)


def test_a_message_in_many_pieces_has_the_same_largest_size(server):
    connection, _head = upgraded(server)
    pieces = [frame(b"a" * 1000, 0x01 if n == 0 else 0x00) for n in range(200)]
    with contextlib.suppress(OSError):
        connection.sendall(b"".join(pieces) + frame(b"a", 0x80))
    end_of(connection)
    assert server.bytes == 0


def test_a_body_larger_than_any_form_takes_is_ended(server, monkeypatch):
    monkeypatch.setattr(BOUNDS["http"], "BODY_BYTES", 4 * MB)
    endless = server.connect("POST / HTTP/1.1\r\nHost: tandem\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent = 0
    with contextlib.suppress(OSError):
        for _piece in range(1000):
            sent += 1
            endless.sendall(b"100000\r\n" + b"a" * MB + b"\r\n")
    assert sent < 1000
    assert server.bytes <= 4 * MB


def test_an_announced_body_that_is_too_large_is_refused_before_it_comes(server):
    head = f"POST / HTTP/1.1\r\nHost: tandem\r\nContent-Length: {2**40}\r\n\r\nabc"
    assert end_of(server.connect(head)).startswith(b"HTTP/1.1 413 ")
    assert server.bytes == 0


def test_sockets_of_the_distributed_way_have_the_same_bounds():
    command = next(process.command for process in PROCESSES if process.name == "sockets")
    assert f"--ws-max-size {SOCKET_FRAME_BYTES} --ws-per-message-deflate false" in command
