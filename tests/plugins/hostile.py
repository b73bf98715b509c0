"""Servers that mean no good: they drip, never end, or never begin. They run on this machine, in threads."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[], Iterable[bytes]]  # what is sent, piece by piece, to each who connects


@contextmanager
def server(script: Script, *, waits_for_request: bool = True) -> Iterator[int]:
    """Send what the script says to whoever connects; give the port. It ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def speak(peer: socket.socket) -> None:
            with peer, suppress(OSError):
                if waits_for_request:
                    peer.recv(65_536)
                for piece in script():
                    if stop.is_set():
                        return
                    peer.sendall(piece)
                stop.wait(30)  # says no more, and does not hang up

        def listen() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=speak, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)


def dripping(data: bytes, *, pause: float = 0.05) -> Iterator[bytes]:
    """Give a byte at a time, slowly."""
    for byte in data:
        time.sleep(pause)
        yield bytes([byte])


def drip_headers() -> Iterator[bytes]:
    """Answer with a header that grows a byte at a time."""
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    yield from dripping(b"x" * 10_000)


def drip_body() -> Iterator[bytes]:
    """Answer with a body that grows a byte at a time."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n\x89PNG\r\n\x1a\n"
    yield from dripping(b"x" * 10_000)


def drip_chunks() -> Iterator[bytes]:
    """Answer in chunks of one byte each."""
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for byte in dripping(b"x" * 10_000):
        yield b"1\r\n" + byte + b"\r\n"


def endless_headers() -> Iterator[bytes]:
    """Answer with one header that does not end, as fast as possible."""
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    yield from itertools.repeat(b"x" * 65_536)


def endless_beginnings() -> Iterator[bytes]:
    """Say "go on" for ever, as fast as possible."""
    yield from itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_body() -> Iterator[bytes]:
    """Answer with a body that does not end, as fast as possible."""
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    yield from itertools.repeat(b"x" * 65_536)


def endless_trailers() -> Iterator[bytes]:
    """End a chunked body with lines that do not end."""
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    yield from itertools.repeat(b"X: y\r\n" * 1000)


def silence() -> Iterator[bytes]:
    """Say nothing."""
    yield from ()


EVERY = (
    drip_headers, drip_body, drip_chunks, endless_headers, endless_beginnings, endless_body,
    endless_trailers, silence,
)  # fmt: skip
