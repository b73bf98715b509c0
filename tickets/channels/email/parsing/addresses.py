"""Address lists: read left to right in one pass, first cut into addresses, then decoded, so that no encoded
word can smuggle in an address (RFC 2047 section 5 forbids them there; mail readers that decoded first were fooled).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import limits
from .charsets import Decoder
from .headers import Headers
from .words import decode_name, raw_text

# One token: a quoted string, a comment (up to two levels), <…>, an encoded word, a separator, or plain text.
TOKEN = re.compile(
    r'"((?:[^"\\]|\\.)*+)"?'
    r"|\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\)?)*+)\)?"
    r"|<([^<>]*+)>?"
    r"|(=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*+\?=)"
    r"|([,;])"
    r'|([^"(<,;=]++|.)',
    re.DOTALL,
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
BARE = re.compile(r"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+")
ROUTE = re.compile(r"^@[^:]*:")
CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as written (only its spaces removed) and the name beside it."""

    address: str
    name: str


def parse_addresses(values: list[bytes], decoder: Decoder) -> list[Mailbox]:
    """Return the mailboxes of all fields of one name, in order, at most limits.ADDRESSES. Never raises."""
    found: list[Mailbox] = []
    for value in values:
        text = raw_text(value[: limits.HEADER_BLOCK_BYTES], decoder)
        found.extend(_list(text, decoder, limits.ADDRESSES - len(found)))
    return found


def parse_sender(headers: Headers, decoder: Decoder, defects: list[str]) -> Mailbox:
    """Return the author: the first From mailbox, else Sender; an empty address when there is none."""
    values = headers.all("from")
    if len(values) > 1:
        defects.append("more than one From field: the first was taken")
    boxes = parse_addresses(values, decoder)
    for value in values[:1]:
        if not any(box.address for box in boxes) and "=?" in raw_text(value, decoder):
            hidden = decode_name(raw_text(value[: limits.HEADER_VALUE_BYTES], decoder), decoder)
            boxes = [box for box in _list(hidden, decoder, 1) if box.address] or boxes
            defects.append("the sender's address was inside an encoded word")
    boxes = boxes or parse_addresses(headers.all("sender"), decoder)
    box = next((box for box in boxes if box.address), boxes[0] if boxes else Mailbox("", ""))
    shown = BARE.search(box.name)
    if shown and shown[0].lower() != box.address.lower():
        defects.append("the sender's name shows another address")
    return box


def _list(text: str, decoder: Decoder, room: int) -> Iterator[Mailbox]:
    """Yield the mailboxes of a list; a name cut by its own comma is put together again."""
    waiting: list[str] = []
    for entry in _entries(text):
        if room <= 0:
            return
        if entry.angle is None and not entry.bare and entry.words:
            waiting.append(" ".join(entry.words))
            continue
        if entry.angle is None and not entry.bare:
            continue
        name = " ".join(entry.words)
        if waiting and entry.angle is not None and name:
            name = ", ".join([waiting[-1], name])
        waiting.clear()
        yield Mailbox(_address(entry.angle if entry.angle is not None else entry.bare), _name(name or entry.comment, decoder))
        room -= 1
    if waiting and room > 0:
        yield Mailbox("", _name(", ".join(waiting), decoder))


class _Entry:
    """What stands between two separators."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comment = ""
        self.angle: str | None = None
        self.bare = ""


def _entries(text: str) -> Iterator[_Entry]:
    entry = _Entry()
    for match in TOKEN.finditer(text):
        quoted, comment, angle, word, separator, plain = match.groups()
        if separator:
            yield entry
            entry = _Entry()
        elif angle is not None:
            _take_angle(entry, angle)
        elif quoted is not None:
            entry.words.append(ESCAPED.sub(r"\1", quoted).strip())
        elif comment is not None:
            entry.comment = entry.comment or ESCAPED.sub(r"\1", comment)
        elif word is not None:
            entry.words.append(word)
        else:
            _take_plain(entry, plain)
    yield entry


def _take_angle(entry: _Entry, angle: str) -> None:
    """Keep <…> as the address; a second one only if the first held none ("<Name> <a@b>")."""
    if entry.angle is None or "@" not in entry.angle:
        if entry.angle:
            entry.words.append(entry.angle)
        entry.angle = angle
''' '''
