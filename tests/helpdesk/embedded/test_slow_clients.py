"""Clients that take for ever to ask or to read are let go, and everybody else is served meanwhile."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from helpdesk.embedded.slow_clients import ImpatientHttp
from tests.helpdesk.embedded.program import Program

HEAD = b"POST / HTTP/1.1\r\nHost: tandem\r\nContent-Length: 1000\r\n\r\n"
ANSWER_BYTES = 16 * 1024 * 1024


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Read the body as Django does, then answer; /large with much, /early before the body has arrived."""
    while scope["path"] != "/early":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    body = b"x" * (ANSWER_BYTES if scope["path"] == "/large" else 2)
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Quick(ImpatientHttp):
    """The same bounds, shorter."""

    HEAD_SECONDS, BODY_SECONDS, READING_SECONDS, FAREWELL_SECONDS = 0.6, 0.6, 0.6, 0.3
    BODY_SPEED, BODY_LONGEST_SECONDS = 1000, 2.0
    MOST_INCOMPLETE = 20


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Give the port of a server that is as short of patience."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, http=Quick, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def connect(port: int) -> Iterator[Any]:
    """Return a function that opens one more connection."""
    with contextlib.ExitStack() as opened:
        yield lambda: opened.enter_context(socket.create_connection(("127.0.0.1", port), 10))


def drip(connection: socket.socket, piece: bytes, *, seconds: float, pause: float = 0.05) -> float:
    """Send a piece now and then; return after how many seconds the server ended the connection."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            connection.sendall(piece)
        except OSError:
            break
        if select.select([connection], [], [], pause)[0]:
            break
    return time.monotonic() - began


def all_of(connection: socket.socket) -> bytes:
    """Return what the server still says before it ends the connection; fail when it does not end it."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    return received


def serves(port: int, path: str = "/", method: str = "GET", body: bytes | None = None) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    client.request(method, path, body)
    return client.getresponse().read() == b"xx"


def test_a_dripping_head_is_ended_at_its_deadline(port, connect):
    slow = connect()
    slow.sendall(b"GET / HTTP/1.1\r\nHost: tandem\r\n")
    assert 0.4 < drip(slow, b"X-A: b\r\n", seconds=5) < 2
    assert all_of(slow).startswith(b"HTTP/1.1 408 ")
    assert serves(port)


@pytest.mark.parametrize("piece", [b"", b"\r\n"], ids=["nothing", "empty lines"])
def test_who_connects_and_asks_nothing_is_let_go(connect, piece):
    silent = connect()
    assert drip(silent, piece, seconds=5) < 2
    all_of(silent)


def test_an_answered_client_that_asks_nothing_more_is_let_go(connect):
    client = connect()
    client.sendall(b"GET / HTTP/1.1\r\nHost: tandem\r\n\r\n")
    assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert drip(client, b"\r\n", seconds=5) < 2


def test_a_client_that_asks_again_in_time_is_served_again(connect):
    client = connect()
    for _ in range(4):
        client.sendall(b"GET / HTTP/1.1\r\nHost: tandem\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.3)


def test_a_dripping_body_is_ended(connect):
    slow = connect()
    slow.sendall(HEAD)
    assert drip(slow, b"x", seconds=5) < 2
    assert all_of(slow).startswith(b"HTTP/1.1 408 ")


def test_a_dripping_body_is_ended_when_its_answer_was_given_already(connect):
    slow = connect()
    slow.sendall(HEAD.replace(b"/", b"/early", 1))
    assert slow.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert drip(slow, b"x", seconds=5) < 2


def test_a_body_on_a_slow_line_arrives(connect):
    client = connect()
    client.sendall(HEAD)
    for _ in range(10):
        client.sendall(b"x" * 100)
        time.sleep(0.1)
    assert client.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_no_body_takes_longer_than_the_longest_time(connect):
    slow = connect()
    slow.sendall(HEAD.replace(b"1000", b"1000000"))
    assert 1.5 < drip(slow, b"x" * 200, seconds=8) < 5


def test_who_does_not_read_the_answer_is_let_go(connect):
    greedy = connect()
    greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    greedy.sendall(b"GET /large HTTP/1.1\r\nHost: tandem\r\n\r\n")
    time.sleep(2)
    assert len(all_of(greedy)) < ANSWER_BYTES


def test_a_head_without_end_is_refused(connect):
    endless = connect()
    with contextlib.suppress(ConnectionError):
        for n in range(200):
            endless.sendall(f"X-{n}: {'a' * 1000}\r\n".encode() if n else b"GET / HTTP/1.1\r\n")
    answer = all_of(endless)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


def test_the_oldest_incomplete_request_makes_room(port, connect):
    slow = [connect() for _ in range(Quick.MOST_INCOMPLETE)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\n")
    assert serves(port)
    assert select.select(slow, [], [], 0.1)[0] == [slow[0]]


def test_nothing_stays_behind(connect, port):
    for _ in range(5):
        serves(port, method="POST", body=b"x" * 100)
        drip(connect(), b"X", seconds=2)
    deadline = time.monotonic() + 5
    while Quick.incomplete and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Quick.incomplete


def test_two_hundred_dripping_connections_keep_nobody_from_their_page(running: Program):
    with contextlib.ExitStack() as opened:
        slow = [
            opened.enter_context(socket.create_connection(("127.0.0.1", running.port), 10))
            for _ in range(200)
        ]
        began = time.monotonic()
        while slow and time.monotonic() - began < ImpatientHttp.HEAD_SECONDS + 10:
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.sendall(b"X" if time.monotonic() - began > 1 else b"GET / HTTP/1.1\r\nX: ")
            assert running.get("/accounts/login/")[0] == 200
            gone = select.select(slow, [], [], 0.5)[0]
            slow = [connection for connection in slow if connection not in gone]
        assert not slow
        assert time.monotonic() - began < ImpatientHttp.HEAD_SECONDS + 5


def test_bodies_together_are_bounded_and_the_largest_is_given_up(port, connect, monkeypatch):
    monkeypatch.setattr(Quick, "ALL_BODIES_BYTES", 3000)
    small, large = connect(), connect()
    small.sendall(HEAD + b"x" * 900)
    large.sendall(HEAD.replace(b"1000", b"9000") + b"x" * 2000)
    other = connect()
    other.sendall(HEAD + b"x" * 500)
    assert all_of(large).startswith(b"HTTP/1.1 413 ")
    for connection, rest in ((small, 100), (other, 500)):
        connection.sendall(b"x" * rest)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_a_body_without_end_is_refused(connect, monkeypatch):
    monkeypatch.setattr(Quick, "BODY_BYTES", 5000)
    endless = connect()
    endless.sendall(b"POST / HTTP/1.1\r\nHost: tandem\r\nTransfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        for _ in range(20):
            endless.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            time.sleep(0.01)
    answer = all_of(endless)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413 ")
    assert not [one for one in Quick.incomplete if one._body_bytes > 5000]
