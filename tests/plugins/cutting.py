"""A loopback proxy that cuts the connection after so many bytes from the server."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class CuttingProxy:
    """Forwards one connection after the other to a port; `cut_after` ends one in the middle."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.cut_after: int | None = None
        self.passed = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self.passed = 0
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
            threading.Thread(target=self._count, args=(server, client), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        _end(source, sink)

    def _count(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                left = len(data) if self.cut_after is None else self.cut_after - self.passed
                self.passed += len(data)
                client.sendall(data[: max(left, 0)])
                if left < len(data):
                    break
        _end(server, client)


def _end(*both: socket.socket) -> None:
    for each in both:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextlib.contextmanager
def cutting(target: int) -> Iterator[CuttingProxy]:
    """Give a proxy before the port `target` of the loopback."""
    proxy = CuttingProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
