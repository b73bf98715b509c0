"""Pictures that a mail only points at: fetched by us when a person asks, so that the sender learns little.

The address is signed: what is not in a mail is never fetched. Only public addresses, the checked one is used,
each redirect is checked again; small, quick, and a picture by its first bytes, whatever its server says. All
redirects together have one budget of time and bytes, and a process fetches few pictures at once: the others
are refused without asking anybody, so that slow servers cannot take the threads that pages need.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode, urljoin, urlsplit

from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError, NotFound
from tickets.platform import crypto, safe_http
from tickets.platform.safe_http import Budget

MAX_BYTES = 2 * 1024 * 1024
MAX_ADDRESS = 4_000
MAX_REDIRECTS = 3
MAX_HEADS = 256 * 1024  # of all redirects together
MAX_PICTURES = 100  # of one mail
SECONDS = 6.0  # for the name, the connections, all redirects and the picture together
AT_ONCE, AT_ONCE_FOR_ONE = (
    4,
    3,
)  # fetched by one process, which has eight threads; and of these for one person
MAY_WAIT, WAIT_SECONDS = 2, 1.0  # for a place
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


class TooManyPictures(DomainError):
    """As many pictures as we fetch at once are being fetched; this one may be asked for again."""

    code = "too_many_pictures"
    status = 503
    sentence = _("Many pictures are being loaded. Load them again in a moment.")


def through_us(html: str, path: str, *, asked_by: str = "", now: datetime) -> str:
    """Let the pictures of sanitised HTML that lie elsewhere be asked of `path`, by a signed query.

    Those beyond the first hundred are left out.
    """
    left = MAX_PICTURES

    def ours(found: re.Match[str]) -> str:
        nonlocal left
        left -= 1
        if left < 0:
            return f'{found["before"]}"'
        url = found["url"].replace("&amp;", "&")
        asked = query(url, asked_by=asked_by, now=now).replace("&", "&amp;")
        return f'{found["before"]}{path}?{asked}"'

    return SOURCE.sub(ours, html)


def query(url: str, *, asked_by: str = "", now: datetime) -> str:
    """Return the query that lets one picture be fetched for an hour, for one person."""
    until = int((now + GOOD_FOR).timestamp())
    return urlencode({"until": until, "by": asked_by, "mac": _mac(url, until, asked_by), "url": url})


def checked(url: str, until: str, mac: str, by: str = "", *, now: datetime) -> str:
    """Return the address of a genuine query. Raises NoPicture for any other, and for an old one."""
    is_number = until.isascii() and until.isdigit() and len(until) < 12
    is_somebody = not by or (by.isascii() and by.isdigit())  # a "|" in it would move what is signed
    if not is_number or int(until) < now.timestamp() or len(url) > MAX_ADDRESS or not is_somebody:
        raise NoPicture
    if not crypto.mac_matches("picture", f"{until}|{by}|{url}", mac):
        raise NoPicture
    return url


def fetch(url: str, *, asked_by: str = "", may: Callable[[str], bool] = safe_http.is_public) -> Picture:
    """Return the picture at an address; `may` tells to which IP addresses we go.

    `asked_by` names the person for whom it is fetched: one person's pictures leave places for others'.

    Raises:
        NoPicture: not there, not allowed, too large, too slow, or no picture.
        TooManyPictures: as many as we fetch at once are being fetched. Nobody was asked.
    """
    with _places.one_for(asked_by):
        budget = Budget(SECONDS, max_bytes=MAX_BYTES + MAX_HEADS)
        for _redirect in range(MAX_REDIRECTS + 1):
            try:
                answer = _ask(url, budget, may)
            except (OSError, ValueError, http.client.HTTPException) as error:
                raise NoPicture from error
            if isinstance(answer, bytes):
                return _recognised(answer)
            url = urljoin(url, answer)
    raise NoPicture


class _Places:
    """The places of this process for pictures: few threads may wait for servers of strangers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._waiting = 0

    @contextlib.contextmanager
    def one_for(self, person: str) -> Iterator[None]:
        """Hold a place, after a short wait for one if few wait already. Raises TooManyPictures."""
        with self._changed:
            if not self._is_free(person) and not self._wait(person):
                raise TooManyPictures
            self._taken[person] += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken[person] -= 1
                self._taken += Counter()  # forgets whoever has none left
                self._changed.notify_all()

    def _is_free(self, person: str) -> bool:
        return self._taken.total() < AT_ONCE and self._taken[person] < AT_ONCE_FOR_ONE

    def _wait(self, person: str) -> bool:
        if self._waiting >= MAY_WAIT:
            return False
        self._waiting += 1
        try:
            return self._changed.wait_for(lambda: self._is_free(person), WAIT_SECONDS)
        finally:
            self._waiting -= 1


_places = _Places()


def _mac(url: str, until: int, asked_by: str) -> str:
    return crypto.mac("picture", f"{until}|{asked_by}|{url}")


def _ask(url: str, budget: Budget, may: Callable[[str], bool]) -> bytes | str:
    """Return the body of one answer, or where it sends us. Raises OSError, ValueError, HTTPException."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    odd_port = port not in PORTS.values() and may is safe_http.is_public
    if parts.scheme not in PORTS or odd_port or "@" in parts.netloc:
        raise ValueError("not an address of a picture")
    connection = safe_http.Connection(host, port, is_tls=parts.scheme == "https", budget=budget, may=may)
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
        data = answer.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError("too large")
        return data
    finally:
        connection.close()


def _recognised(data: bytes) -> Picture:
    for sign, content_type in SIGNS:
        if data.startswith(sign):
            return Picture(content_type, data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Picture("image/webp", data)
    raise NoPicture
