"""One deadline and one number of bytes for everything that a server at the other end can make us wait for.

A time-out of a socket counts anew with every byte. A budget does not: sockets made here never wait past its
end nor take more than it allows, whatever library reads from them, before TLS and after.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
from typing import Any


class Budget:
    """What is left of the seconds and bytes that talking to a server may cost; it may be shared."""

    def __init__(self, seconds: float, *, max_bytes: int | None = None) -> None:
        self.renew(seconds, max_bytes=max_bytes)

    def renew(self, seconds: float, *, max_bytes: int | None = None) -> None:
        """Begin anew: so many seconds from now, and so many bytes (None: any number)."""
        self._ends = time.monotonic() + seconds
        self._bytes = max_bytes

    def seconds_left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the server took too long")
        return left

    def spend(self, count: int) -> None:
        """Count bytes that came. Raises OSError when there are more than allowed."""
        if self._bytes is None:
            return
        self._bytes -= count
        if self._bytes < 0:
            raise OSError("the server sends more than was asked for")


class BudgetSocket(socket.socket):
    """A socket that keeps to a budget; a time-out set on it bounds each single step beside that."""

    budget: Budget | None = None
    step_seconds: float | None = None

    def settimeout(self, value: float | None, /) -> None:
        self.step_seconds = value
        super().settimeout(value)

    def setblocking(self, flag: bool, /) -> None:
        self.settimeout(None if flag else 0.0)

    def connect(self, address: Any, /) -> None:
        self.arm()
        super().connect(address)

    def recv(self, *args: Any) -> bytes:
        self.arm()
        data = super().recv(*args)
        self._spend(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        self.arm()
        count = super().recv_into(*args)
        self._spend(count)
        return count

    def send(self, *args: Any) -> int:
        self.arm()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.arm()
        super().sendall(*args)

    def arm(self) -> None:
        """Let the next step end with the budget at the latest. Raises TimeoutError when it has ended."""
        if self.budget is None or self.step_seconds == 0:  # 0: does not wait at all
            return
        left = self.budget.seconds_left()
        super().settimeout(left if self.step_seconds is None else min(left, self.step_seconds))

    def _spend(self, count: int) -> None:
        if self.budget is not None:
            self.budget.spend(count)


class TlsSocket(BudgetSocket, ssl.SSLSocket):
    """The same over TLS."""


class TlsContext(ssl.SSLContext):
    """Wraps a socket so that the handshake and all after it stay within the socket's budget."""

    sslsocket_class = TlsSocket

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        if not isinstance(sock, BudgetSocket):
            return super().wrap_socket(sock, *args, **kwargs)
        sock.arm()  # the handshake takes over what is left
        secured = super().wrap_socket(sock, *args, **kwargs)
        if isinstance(secured, TlsSocket):
            secured.budget = sock.budget
            secured.settimeout(sock.step_seconds)
        return secured


def create_tls_context() -> TlsContext:
    """Return what every TLS connection uses: certificates and names are checked."""
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):  # what ssl.create_default_context sets there
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_default_certs()
    return context
