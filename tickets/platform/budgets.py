"""One deadline and one limit of bytes for a whole exchange with another server.

The time-out of a socket starts again with every byte that arrives, so a slow server could hold a process for
ever. A budget does not: its sockets never wait after the deadline and never receive more than the limit,
whichever library reads from them, before and after the TLS handshake.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
from typing import Any


class Budget:
    """The seconds and bytes that remain for an exchange with a server. Several sockets may share one."""

    def __init__(self, seconds: float, *, max_bytes: int | None = None) -> None:
        self.renew(seconds, max_bytes=max_bytes)

    def renew(self, seconds: float, *, max_bytes: int | None = None) -> None:
        """Restart the budget with this many seconds from now and bytes (None: no limit of bytes)."""
        self._ends = time.monotonic() + seconds
        self._bytes = max_bytes

    def seconds_left(self) -> float:
        """Return the seconds that remain. Raises TimeoutError if there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the server took too long")
        return left

    def spend(self, count: int) -> None:
        """Subtract received bytes. Raises OSError if there are more than allowed."""
        if self._bytes is None:
            return
        self._bytes -= count
        if self._bytes < 0:
            raise OSError("the server sends more than was asked for")


class BudgetSocket(socket.socket):
    """A socket that keeps to a budget. A time-out set on it also limits each single step."""

    budget: Budget | None = None
    step_seconds: float | None = None

    def settimeout(self, value: float | None, /) -> None:
        self.step_seconds = value
        super().settimeout(value)

    def setblocking(self, flag: bool, /) -> None:
        self.settimeout(None if flag else 0.0)

    def connect(self, address: Any, /) -> None:
        self.limit_next_step()
        super().connect(address)

    def recv(self, *args: Any) -> bytes:
        self.limit_next_step()
        data = super().recv(*args)
        self._spend(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        self.limit_next_step()
        count = super().recv_into(*args)
        self._spend(count)
        return count

    def send(self, *args: Any) -> int:
        self.limit_next_step()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.limit_next_step()
        super().sendall(*args)

    def limit_next_step(self) -> None:
        """Limit the next step to the rest of the budget. Raises TimeoutError if nothing is left."""
        if self.budget is None or self.step_seconds == 0:  # 0: the socket does not wait at all
            return
        left = self.budget.seconds_left()
        super().settimeout(left if self.step_seconds is None else min(left, self.step_seconds))

    def _spend(self, count: int) -> None:
        if self.budget is not None:
            self.budget.spend(count)


class TlsSocket(BudgetSocket, ssl.SSLSocket):
    """A socket with a budget over TLS."""


class TlsContext(ssl.SSLContext):
    """A TLS context that keeps the handshake and everything after it within the socket's budget."""

    sslsocket_class = TlsSocket

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        if not isinstance(sock, BudgetSocket):
            return super().wrap_socket(sock, *args, **kwargs)
        sock.limit_next_step()  # the handshake uses the time-out that is set on the plain socket
        secured = super().wrap_socket(sock, *args, **kwargs)
        if isinstance(secured, TlsSocket):
            secured.budget = sock.budget
            secured.settimeout(sock.step_seconds)
        return secured


def create_tls_context() -> TlsContext:
    """Return the context of every TLS connection; it verifies certificates and host names."""
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):  # as ssl.create_default_context does from this version on
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_default_certs()
    return context
