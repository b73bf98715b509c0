"""Connect to servers whose names people entered: to public addresses only.

A name is resolved once, its addresses are checked, and the connection goes to a checked address. A name that
resolves differently the second time (DNS rebinding) gains nothing. One budget of time and bytes covers each
connection, from the look-up of the name to the last byte. TANDEM_PRIVATE_SERVERS lists the private hosts and
networks that the administrator of the installation allows.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import queue
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from tickets.platform.budgets import Budget, BudgetSocket, create_tls_context
from tickets.platform.public_addresses import Address, is_public, parse_target

__all__ = [
    "Budget",
    "Connection",
    "NotEncrypted",
    "PrivateAddress",
    "connect",
    "create_tls_context",
    "is_allowed",
    "is_public",
    "post_form",
]  # fmt: skip

TIMEOUT_SECONDS = 15.0
MAX_ANSWER_BYTES = 1024 * 1024
MAX_HEAD_BYTES = 256 * 1024
LOOKUPS = 16

_looking_up = threading.BoundedSemaphore(LOOKUPS)


class PrivateAddress(OSError):
    """The name resolves to this machine or a private network, and the administrator has not allowed that."""


class NotEncrypted(OSError):
    """A secret would be sent unencrypted through a public network."""


def connect(
    host: str,
    port: int,
    *,
    budget: Budget,
    may: Callable[[str], bool] | None = None,
    secret_in_clear: bool = False,
) -> BudgetSocket:
    """Return a socket connected to an allowed address of `host`; it keeps to the budget.

    `may` decides whether an address is allowed; by default public addresses are, and those that the
    administrator allows. `secret_in_clear`: a secret will be sent before the connection is encrypted.

    Raises:
        PrivateAddress: every address of the name is private.
        NotEncrypted: an address of the name is public, and a secret would go there in clear.
        OSError: the name does not exist, no address answers, or the budget is used up.
    """
    targets = _look_up(host, port, budget)
    addresses = [str(target[1][0]) for target in targets]
    if secret_in_clear and any(map(is_public, addresses)):
        raise NotEncrypted(host)
    may = may or partial(is_allowed, host=host)
    allowed = [target for target, address in zip(targets, addresses, strict=True) if may(address)]
    if not allowed:
        raise PrivateAddress(f"{host} leads to {', '.join(sorted(set(addresses)))}")
    while len(allowed) > 1:
        try:  # each address gets an equal share of the time, so that a silent one leaves some for the others
            return _open_socket(allowed[0], budget, budget.seconds_left() / len(allowed))
        except OSError:
            allowed.pop(0)
    return _open_socket(allowed[0], budget, None)


def is_allowed(address: str, *, host: str = "") -> bool:
    """Tell whether a connection may go to this address: public, or listed by the administrator."""
    parsed = parse_target(address)
    for entry in settings.PRIVATE_SERVERS:
        if entry.lower() == host.lower() or _is_in_network(parsed, entry):
            return True
    return is_public(address)


def post_form(url: str, fields: dict[str, str], *, timeout: float = TIMEOUT_SECONDS) -> tuple[int, Any]:
    """Send a form by POST; return the HTTP status and the decoded JSON. Redirects are not followed.

    `timeout` limits the whole exchange, in seconds.

    Raises:
        OSError: the server cannot be reached, takes too long, or answers something other than JSON of at
            most 1 MB.
    """
    budget = Budget(timeout, max_bytes=MAX_ANSWER_BYTES + MAX_HEAD_BYTES)
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or "@" in parts.netloc:
            raise OSError("not the address of a server")
        connection = Connection(
            parts.hostname or "",
            parts.port or (443 if parts.scheme == "https" else 80),
            is_tls=parts.scheme == "https",
            budget=budget,
            is_secret=True,
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            connection.request("POST", parts.path or "/", urlencode(fields), headers)
            answer = connection.getresponse()
            body = answer.read(MAX_ANSWER_BYTES + 1)
        finally:
            connection.close()
        if len(body) > MAX_ANSWER_BYTES:
            raise OSError("the answer is too long")
        return answer.status, json.loads(body)
    except (ValueError, RecursionError, http.client.HTTPException) as error:
        raise OSError(f"the answer cannot be read ({type(error).__name__})") from error


class Connection(http.client.HTTPConnection):
    """An HTTP connection that uses `connect`, with the same `budget` and `may`.

    `is_secret`: the request contains a secret, so without TLS only private addresses are allowed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        is_tls: bool,
        budget: Budget,
        may: Callable[[str], bool] | None = None,
        is_secret: bool = False,
    ) -> None:
        super().__init__(host, port)
        self._is_tls, self._budget, self._may = is_tls, budget, may
        self._in_clear = is_secret and not is_tls

    def connect(self) -> None:
        plain = connect(
            self.host, self.port, budget=self._budget, may=self._may, secret_in_clear=self._in_clear
        )
        self.sock = plain
        if self._is_tls:
            self.sock = create_tls_context().wrap_socket(plain, server_hostname=self.host)


Target = tuple[socket.AddressFamily, Any]


def _look_up(host: str, port: int, budget: Budget) -> list[Target]:
    """Return the addresses of a name within the budget.

    The system's resolver has no time-out, so it runs in a thread. If the budget ends first, the thread is
    abandoned and ends with the resolver; LOOKUPS limits how many run.
    """
    if not _looking_up.acquire(timeout=budget.seconds_left()):
        raise TimeoutError("too many names are being looked up")
    answers: queue.SimpleQueue[list[Target] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_resolve, args=(host, port, answers), daemon=True, name="look-up").start()
    try:
        answer = answers.get(timeout=budget.seconds_left())
    except queue.Empty:
        raise TimeoutError("the name servers took too long") from None
    if isinstance(answer, ValueError):  # an invalid name: an empty label, a label too long, or a NUL
        raise socket.gaierror(socket.EAI_NONAME, "this cannot be a name") from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


def _resolve(host: str, port: int, answers: queue.SimpleQueue[list[Target] | Exception]) -> None:
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys((family, address) for family, _, _, _, address in results)))
    except Exception as error:  # noqa: BLE001  (`_look_up` raises it again)
        answers.put(error)
    finally:
        _looking_up.release()


def _open_socket(where: Target, budget: Budget, step_seconds: float | None) -> BudgetSocket:
    family, address = where
    opened = BudgetSocket(family, socket.SOCK_STREAM)
    try:
        opened.budget = budget
        opened.settimeout(step_seconds)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    opened.settimeout(None)
    return opened


def _is_in_network(address: Address, entry: str) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except (ValueError, TypeError):
        return False
