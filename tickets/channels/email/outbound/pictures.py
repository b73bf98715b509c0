"""The proxy for remote images of mails: fetched on an agent's request, so that senders learn little.

URLs are signed, so that only images of mails are fetched. The server must have a public IP address, which is
checked again for each redirect, and the connection goes to the checked address. An image is small and is
recognised by its first bytes, whatever its server says. One budget of time and bytes covers all redirects,
and a process fetches few images at a time: further requests are refused at once, so that slow servers cannot
occupy the threads that pages need.
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
MAX_HEADS = 256 * 1024  # the headers of all responses together
MAX_PICTURES = 100  # in one mail
SECONDS = 6.0  # for name resolution, connections, redirects and the image together
AT_ONCE, AT_ONCE_FOR_ONE = (
    4,
    3,
)  # fetched at a time by one process, which has eight threads; of these, for one person
MAX_WAITING, WAIT_SECONDS = 2, 1.0  # requests that wait for a free place, and how long
VALID_FOR = timedelta(hours=1)
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
    """A fetched image, with the content type detected from its bytes."""

    content_type: str
    data: bytes


class NoPicture(NotFound):
    """The URL is not signed, not allowed, not reachable, or not of an image."""

    code = "no_picture"


class TooManyPictures(DomainError):
    """Too many images are being fetched at the moment; the request may be repeated."""

    code = "too_many_pictures"
    status = 503
    sentence = _("Many pictures are being loaded. Load them again in a moment.")


def proxy_images(html: str, path: str, *, asked_by: str = "", now: datetime) -> str:
    """Replace the URLs of remote images in sanitised HTML by `path` with a signed query.

    Images beyond the first hundred get an empty URL. `asked_by` is the agent's account id.
    """
    places_left = MAX_PICTURES

    def replace(match: re.Match[str]) -> str:
        nonlocal places_left
        places_left -= 1
        if places_left < 0:
            return f'{match["before"]}"'
        url = match["url"].replace("&amp;", "&")
        query = sign_query(url, asked_by=asked_by, now=now).replace("&", "&amp;")
        return f'{match["before"]}{path}?{query}"'

    return SOURCE.sub(replace, html)


def sign_query(url: str, *, asked_by: str = "", now: datetime) -> str:
    """Return a signed query string, with which one person can fetch one image for an hour."""
    until = int((now + VALID_FOR).timestamp())
    return urlencode({"until": until, "by": asked_by, "mac": _compute_mac(url, until, asked_by), "url": url})


def check_query(url: str, until: str, mac: str, by: str = "", *, now: datetime) -> str:
    """Return the URL of a signed query. Raises NoPicture if the signature is wrong or has expired."""
    is_number = until.isascii() and until.isdigit() and len(until) < 12
    is_somebody = not by or (by.isascii() and by.isdigit())  # a "|" would shift the fields that are signed
    if not is_number or int(until) < now.timestamp() or len(url) > MAX_ADDRESS or not is_somebody:
        raise NoPicture
    if not crypto.mac_matches("picture", f"{until}|{by}|{url}", mac):
        raise NoPicture
    return url


def fetch_picture(
    url: str, *, asked_by: str = "", is_allowed: Callable[[str], bool] = safe_http.is_public
) -> Picture:
    """Fetch the image at a URL. `is_allowed(ip)` decides to which IP addresses we connect.

    `asked_by` is the id of the person it is fetched for, who cannot occupy all places.

    Raises:
        NoPicture: it does not exist, is not allowed, too large, too slow, or not an image.
        TooManyPictures: too many images are being fetched; no connection was made.
    """
    with _places.reserve(asked_by):
        budget = Budget(SECONDS, max_bytes=MAX_BYTES + MAX_HEADS)
        for _redirect in range(MAX_REDIRECTS + 1):
            try:
                response = _request(url, budget, is_allowed)
            except (OSError, ValueError, http.client.HTTPException) as error:
                raise NoPicture from error
            if isinstance(response, bytes):
                return _identify_picture(response)
            url = urljoin(url, response)
    raise NoPicture


class _Places:
    """The process's places for fetching images: they limit how many threads wait for foreign servers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._waiting = 0

    @contextlib.contextmanager
    def reserve(self, person: str) -> Iterator[None]:
        """Hold a place, if necessary after a short wait. Raises TooManyPictures if there is none."""
        with self._changed:
            if not self._is_free(person) and not self._wait(person):
                raise TooManyPictures
            self._taken[person] += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken[person] -= 1
                self._taken += Counter()  # removes the entries that have become zero
                self._changed.notify_all()

    def _is_free(self, person: str) -> bool:
        return self._taken.total() < AT_ONCE and self._taken[person] < AT_ONCE_FOR_ONE

    def _wait(self, person: str) -> bool:
        if self._waiting >= MAX_WAITING:
            return False
        self._waiting += 1
        try:
            return self._changed.wait_for(lambda: self._is_free(person), WAIT_SECONDS)
        finally:
            self._waiting -= 1


_places = _Places()


def _compute_mac(url: str, until: int, asked_by: str) -> str:
    return crypto.mac("picture", f"{until}|{asked_by}|{url}")


def _request(url: str, budget: Budget, is_allowed: Callable[[str], bool]) -> bytes | str:
    """Return a response's body, or the URL it redirects to. Raises OSError, ValueError, HTTPException."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    odd_port = port not in PORTS.values() and is_allowed is safe_http.is_public
    if parts.scheme not in PORTS or odd_port or "@" in parts.netloc:
        raise ValueError("not an address of a picture")
    connection = safe_http.Connection(
        host, port, is_tls=parts.scheme == "https", budget=budget, may=is_allowed
    )
    try:
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            f"?{parts.query}" if parts.query else ""
        )
        connection.request("GET", target, headers={"Accept": "image/*", "User-Agent": "Tandem"})
        response = connection.getresponse()
        if response.status in (301, 302, 303, 307, 308):
            return response.getheader("Location") or ""
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        data = response.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError("too large")
        return data
    finally:
        connection.close()


def _identify_picture(data: bytes) -> Picture:
    for sign, content_type in SIGNS:
        if data.startswith(sign):
            return Picture(content_type, data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Picture("image/webp", data)
    raise NoPicture
