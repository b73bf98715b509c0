"""Which files of a mail its HTML shows in their place: decided once, for the list and for the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote

from tickets.channels.email.parsing.html.hidden import HiddenPart
from tickets.channels.email.parsing.html.tokens import attribute, tokens

MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_PICTURES_BYTES = 6 * 1024 * 1024  # of one mail: the page carries them
BEGINNING_BYTES = 16  # of a file, by which a picture is known
ID_CHARACTERS = 250
# What senders call the types that every browser shows; the file itself tells which of them it is.
PICTURE_TYPES = frozenset(
    {
        "image/png", "image/x-png", "image/apng", "image/jpeg", "image/jpg", "image/pjpeg", "image/jfif",
        "image/gif", "image/webp", "image/x-citrix-png", "image/x-citrix-jpeg", "image/*", "image",
        "application/octet-stream", "application/x-octet-stream", "binary/octet-stream", "application/binary",
        "application/unknown", "application/x-unknown", "application/download", "image/unknown", "",
    }
)  # fmt: skip
# In what the sanitiser wrote: every value in double quotes.
OWN_IMAGE = re.compile(r'(<img(?:\s[^\s=>"]+="[^"]*")*?\ssrc=")cid:([^"]*)(")', re.IGNORECASE)
NO_SIZE = re.compile(r"^\s*[01](?:\.\d*)?(?:px)?\s*$")
NO_STYLE_SIZE = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*[01](?:\.0*)?(?:px)?\s*(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that may be shown in place: its id, its other names, and its media type by its own bytes."""

    content_id: str
    names: tuple[str, ...]
    size: int
    kind: Callable[[], str]


def picture_type(declared: str, beginning: bytes) -> str:
    """Return the media type of a picture that every browser shows, by its first bytes, or "".

    HEIC, TIFF, SVG and what calls itself something else are none: they are listed as files.
    """
    if declared.strip().lower() not in PICTURE_TYPES:
        return ""
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if beginning.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if beginning.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP" else ""


def find_shown(html: str, pictures: Sequence[Picture]) -> dict[str, int]:
    """Return which addresses of sanitised HTML show which picture: the text behind "cid:" → its place.

    Hidden pictures, those of no size, of other types and those that are too large are shown nowhere.
    """
    if not pictures or "cid:" not in html:
        return {}
    by_id: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for place, picture in enumerate(pictures):
        if picture.content_id:
            by_id.setdefault(_key(picture.content_id), place)
        for name in filter(None, picture.names):
            by_name.setdefault(_key(name), place)
    found: dict[str, int] = {}
    taken: set[int] = set()
    left = MAX_PICTURES_BYTES
    for address in _visible(html):
        key = _key(address)
        at = by_id.get(key, by_name.get(key, by_name.get(key.rpartition("/")[2], -1)))
        if at < 0:
            continue
        if at not in taken:
            size = pictures[at].size
            if size > min(left, MAX_PICTURE_BYTES) or not pictures[at].kind():
                continue
            taken.add(at)
            left -= size
        found[address] = at
    return found


def point_at(html: str, addresses: dict[str, str]) -> str:
    """Return sanitised HTML in which each picture's address is replaced by another, as given; others stay."""

    def replaced(found: re.Match[str]) -> str:
        address = addresses.get(unescape(found[2]))
        return found[0] if address is None else f"{found[1]}{escape(address)}{found[3]}"

    return OWN_IMAGE.sub(replaced, html)


def _visible(html: str) -> list[str]:
    hidden = HiddenPart()
    found: dict[str, None] = {}
    for name, attributes in tokens(html):
        if name and not hidden.covers(name, attributes) and name == "img":
            address = attribute(attributes, "src")
            if address.startswith("cid:") and not _has_no_size(attributes):
                found[address.removeprefix("cid:")] = None
    return list(found)


def _has_no_size(attributes: str) -> bool:
    sizes = (attribute(attributes, "width"), attribute(attributes, "height"))
    return any(NO_SIZE.match(size) for size in sizes) or bool(
        NO_STYLE_SIZE.search(attribute(attributes, "style"))
    )


def _key(text: str) -> str:
    """Return an id, a name or an address as it is compared: decoded, trimmed, without case."""
    return unquote(text).strip().strip("<>").strip()[:ID_CHARACTERS].casefold()
