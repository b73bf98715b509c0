"""Decide which files of a mail its HTML shows in place: the same for the list of files and for the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote

from tickets.channels.email.parsing.html.hidden import HiddenPart
from tickets.channels.email.parsing.html.tokens import read_attribute, tokenise

MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_PICTURES_BYTES = 6 * 1024 * 1024  # in one mail, because they are embedded in the page
TYPE_BYTES = 16  # of a file, by which its type is detected
ID_CHARACTERS = 250
# The declared types of images that every browser shows; the real type is detected from the file.
PICTURE_TYPES = frozenset(
    {
        "image/png", "image/x-png", "image/apng", "image/jpeg", "image/jpg", "image/pjpeg", "image/jfif",
        "image/gif", "image/webp", "image/x-citrix-png", "image/x-citrix-jpeg", "image/*", "image",
        "application/octet-stream", "application/x-octet-stream", "binary/octet-stream", "application/binary",
        "application/unknown", "application/x-unknown", "application/download", "image/unknown", "",
    }
)  # fmt: skip
# For sanitised HTML, in which every value is in double quotes.
OWN_IMAGE = re.compile(r'(<img(?:\s[^\s=>"]+="[^"]*")*?\ssrc=")cid:([^"]*)(")', re.IGNORECASE)
NO_SIZE = re.compile(r"^\s*[01](?:\.\d*)?(?:px)?\s*$")
NO_STYLE_SIZE = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*[01](?:\.0*)?(?:px)?\s*(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that may be shown in place: its id, its other names, and a function that detects its type."""

    content_id: str
    names: tuple[str, ...]
    size: int
    kind: Callable[[], str]


def detect_picture_type(declared: str, beginning: bytes) -> str:
    """Return the type of an image that every browser shows, detected from its first bytes, or "".

    HEIC, TIFF, SVG, and files that are declared as something else are not shown, but listed as files.
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


def find_shown_pictures(html: str, pictures: Sequence[Picture]) -> dict[str, int]:
    """Return the images that sanitised HTML shows: the text after "cid:" → the index in `pictures`.

    Hidden images, images of size 0 or 1, other types, and images that are too large are left out.
    """
    if not pictures or "cid:" not in html:
        return {}
    by_id: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for place, picture in enumerate(pictures):
        if picture.content_id:
            by_id.setdefault(_normalise_address(picture.content_id), place)
        for name in filter(None, picture.names):
            by_name.setdefault(_normalise_address(name), place)
    shown: dict[str, int] = {}
    taken: set[int] = set()
    bytes_left = MAX_PICTURES_BYTES
    for address in _list_visible(html):
        key = _normalise_address(address)
        at = by_id.get(key, by_name.get(key, by_name.get(key.rpartition("/")[2], -1)))
        if at < 0:
            continue
        if at not in taken:
            size = pictures[at].size
            if size > min(bytes_left, MAX_PICTURE_BYTES) or not pictures[at].kind():
                continue
            taken.add(at)
            bytes_left -= size
        shown[address] = at
    return shown


def replace_addresses(html: str, addresses: dict[str, str]) -> str:
    """Replace image addresses in sanitised HTML: the text after "cid:" → the new address; others stay."""

    def replace(match: re.Match[str]) -> str:
        address = addresses.get(unescape(match[2]))
        return match[0] if address is None else f"{match[1]}{escape(address)}{match[3]}"

    return OWN_IMAGE.sub(replace, html)


def _list_visible(html: str) -> list[str]:
    hidden = HiddenPart()
    shown: dict[str, None] = {}
    for name, attributes in tokenise(html):
        if name and not hidden.covers(name, attributes) and name == "img":
            address = read_attribute(attributes, "src")
            if address.startswith("cid:") and not _has_no_size(attributes):
                shown[address.removeprefix("cid:")] = None
    return list(shown)


def _has_no_size(attributes: str) -> bool:
    sizes = (read_attribute(attributes, "width"), read_attribute(attributes, "height"))
    return any(NO_SIZE.match(size) for size in sizes) or bool(
        NO_STYLE_SIZE.search(read_attribute(attributes, "style"))
    )


def _normalise_address(text: str) -> str:
    """Return an id, a name or an address for comparison: decoded, trimmed, case-folded."""
    return unquote(text).strip().strip("<>").strip()[:ID_CHARACTERS].casefold()
