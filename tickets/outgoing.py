"""The one way out to servers that somebody typed in: public addresses only, and the checked one is used.

The name is resolved once and the connection goes to that very address, so that a name which answers
differently the second time leads nowhere. TANDEM_PRIVATE_SERVERS lists the private hosts and networks that
the administrator of the installation allows.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TIMEOUT_SECONDS = 15.0
MAX_ANSWER_BYTES = 1024 * 1024
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(OSError):
    """The name leads to this machine or a private network, and nobody has allowed that."""


def connect(
    host: str, port: int, *, timeout: float = TIMEOUT_SECONDS, may: Callable[[str], bool] | None = None
) -> socket.socket:
    """Return a connected socket to an allowed address of `host`.

    `may` says which addresses are; without it the public ones are, and those the administrator allows.

    Raises:
        PrivateAddress: every address of the name is private.
        OSError: the name does not exist, or nothing answers.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    may = may or partial(is_allowed, host=host)
    allowed = [address for address in dict.fromkeys(found) if may(address)]
    if not allowed:
        raise PrivateAddress(f"{host} leads to {', '.join(sorted(set(found)))}")
    for address in allowed[:-1]:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError:
            continue
    return socket.create_connection((allowed[-1], port), timeout)


def is_allowed(address: str, *, host: str = "") -> bool:
    """Tell whether a connection may go to this address: public, or listed by the administrator."""
    parsed = _inner(ipaddress.ip_address(address.partition("%")[0]))
    for entry in settings.PRIVATE_SERVERS:
        if entry.lower() == host.lower() or _lies_in(parsed, entry):
            return True
    return parsed.is_global and not parsed.is_multicast


def is_public(address: str) -> bool:
    """Tell whether an address lies in the public internet, whatever the administrator allows."""
    parsed = _inner(ipaddress.ip_address(address.partition("%")[0]))
    return parsed.is_global and not parsed.is_multicast


def is_private(host: str, port: int) -> bool:
    """Tell whether a name leads only to this machine or to a private network.

    Raises:
        OSError: the name does not exist.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    return not any(_inner(ipaddress.ip_address(a.partition("%")[0])).is_global for a in found)


def tls_context() -> ssl.SSLContext:
    """Return what every TLS connection uses: certificates and names are checked."""
    return ssl.create_default_context()


def post_form(url: str, fields: dict[str, str], *, timeout: float = TIMEOUT_SECONDS) -> tuple[int, Any]:
    """Send a form by POST; return the status and the JSON answer. No redirect is followed.

    Raises:
        OSError: the server cannot be reached, answers no JSON, or more than a megabyte.
    """
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    if not is_tls and not is_private(host, parts.port or 80):
        raise PrivateAddress(f"{url} is not https")
    connection = Connection(host, parts.port or (443 if is_tls else 80), is_tls=is_tls, timeout=timeout)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        connection.request("POST", parts.path or "/", urlencode(fields), headers)
        answer = connection.getresponse()
        body = answer.read(MAX_ANSWER_BYTES + 1)
        if len(body) > MAX_ANSWER_BYTES:
            raise OSError("the answer is too long")
        return answer.status, json.loads(body)
    except (ValueError, http.client.HTTPException) as error:
        raise OSError(f"the answer cannot be read ({type(error).__name__})") from error
    finally:
        connection.close()


class Connection(http.client.HTTPConnection):
    """An HTTP connection over `connect`; `may` as there."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        is_tls: bool,
        timeout: float,
        may: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self._is_tls, self._seconds, self._may = is_tls, timeout, may

    def connect(self) -> None:
        plain = connect(self.host, self.port, timeout=self._seconds, may=self._may)
        self.sock = tls_context().wrap_socket(plain, server_hostname=self.host) if self._is_tls else plain


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def _lies_in(address: Address, entry: str) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except (ValueError, TypeError):
        return False
