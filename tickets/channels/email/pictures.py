"""Pictures that a mail only points at: fetched by us when a person asks, so that the sender learns little.

The address is signed: what is not in a mail is never fetched. Only public addresses, the checked one is used,
each redirect is checked again; small, quick, and a picture by its first bytes, whatever its server says.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode, urljoin, urlsplit

from tickets import crypto, outgoing
from tickets.errors import NotFound

MAX_BYTES = 2 * 1024 * 1024
MAX_ADDRESS = 4_000
MAX_REDIRECTS = 3
SECONDS = 6.0
GOOD_FOR = timedelta(hours=1)
PORTS = {"http": 80, "https": 443}
SOURCE = re.compile(r"(?P<before>\bsrc=\")(?P<url>https?://[^\"<>\s]{1,4000})\"", re.IGNORECASE)
SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True)
class Picture:
    """A fetched picture; its type is what its bytes are."""

    content_type: str
    data: bytes


class NoPicture(NotFound):
    """The address leads nowhere we go, or to something that is no picture."""

    code = "no_picture"


def through_us(html: str, path: str, *, now: datetime) -> str:
    """Let every picture of sanitised HTML that lies elsewhere be asked of `path`, by a signed query."""

    def ours(found: re.Match[str]) -> str:
        url = found["url"].replace("&amp;", "&")
        return f'{found["before"]}{path}?{query(url, now=now).replace("&", "&amp;")}"'

    return SOURCE.sub(ours, html)


def query(url: str, *, now: datetime) -> str:
    """Return the query that lets one picture be fetched for an hour."""
    until = int((now + GOOD_FOR).timestamp())
    return urlencode({"until": until, "mac": _mac(url, until), "url": url})


def checked(url: str, until: str, mac: str, *, now: datetime) -> str:
    """Return the address of a genuine query. Raises NoPicture for any other, and for an old one."""
    is_number = until.isascii() and until.isdigit() and len(until) < 12
    if not is_number or int(until) < now.timestamp() or len(url) > MAX_ADDRESS:
        raise NoPicture
    if not crypto.mac_matches("picture", f"{until}|{url}", mac):
        raise NoPicture
    return url


def fetch(url: str, *, may: Callable[[str], bool] = outgoing.is_public) -> Picture:
    """Return the picture at an address; `may` tells to which IP addresses we go.

    Raises:
        NoPicture: not there, not allowed, too large, too slow, or no picture.
    """
    deadline = time.monotonic() + SECONDS
    for _redirect in range(MAX_REDIRECTS + 1):
        try:
            answer = _ask(url, deadline, may)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoPicture from error
        if isinstance(answer, bytes):
            return _recognised(answer)
        url = urljoin(url, answer)
    raise NoPicture


def _mac(url: str, until: int) -> str:
    return crypto.mac("picture", f"{until}|{url}")


def _ask(url: str, deadline: float, may: Callable[[str], bool]) -> bytes | str:
    """Return the body of one answer, or where it sends us. Raises OSError, ValueError, HTTPException."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    odd_port = port not in PORTS.values() and may is outgoing.is_public
    if parts.scheme not in PORTS or odd_port or parts.username:
        raise ValueError("not an address of a picture")
    connection = outgoing.Connection(
        host, port, is_tls=parts.scheme == "https", timeout=max(deadline - time.monotonic(), 0.1), may=may
    )
    try:
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            f"?{parts.query}" if parts.query else ""
        )
        connection.request("GET", target, headers={"Accept": "image/*", "User-Agent": "Tandem"})
        answer = connection.getresponse()
        if answer.status in (301, 302, 303, 307, 308):
            return answer.getheader("Location") or ""
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return _read(answer, deadline)
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read a bounded body before the deadline, however slowly it drips."""
    data = bytearray()
    while chunk := answer.read1(65_536):
        data += chunk
        if len(data) > MAX_BYTES or time.monotonic() > deadline:
            raise ValueError("too large or too slow")
    return bytes(data)


def _recognised(data: bytes) -> Picture:
    for sign, content_type in SIGNS:
        if data.startswith(sign):
            return Picture(content_type, data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Picture("image/webp", data)
    raise NoPicture
