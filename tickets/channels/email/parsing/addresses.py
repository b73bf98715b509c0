"""Parse address lists in one pass from left to right: first split into addresses, then decoded.

In the other order an encoded word could add an address, which RFC 2047 section 5 forbids; programs that
decode first can be deceived in this way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_name, decode_raw
from tickets.channels.email.parsing.headers import Headers

FIELD_CHARACTERS = 128 * 1024
# Bounded pieces: an unclosed quote or comment is matched for a short way, then read as an ordinary character.
TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.){0,500}+)"'
    r"|\((?P<comment>(?:[^()\\]|\\.|\([^()]{0,200}\)){0,300}+)\)"
    r"|<(?P<angle>[^<>]{0,1000}+)>?"
    r"|(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,2000}+\?=)"
    r"|(?P<separator>[,;:])"
    r'|(?P<plain>[^\s"(<>,;:=]++|=)',
    re.DOTALL,
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
BARE = re.compile(r"[^\s<>\"()\[\],;:]+@[^\s<>\"()\[\],;:]+")
ROUTE = re.compile(r"^(?:@[^:]*:|mailto:)", re.IGNORECASE)
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name with it; one of them may be empty, not both.

    `is_exact` means that the address was written exactly so: nothing in it was removed or corrected.
    """

    address: str
    name: str
    is_exact: bool = False


def parse_addresses(values: list[bytes], decoder: Decoder) -> list[Mailbox]:
    """Return the mailboxes of all fields of one name, in order, at most limits.ADDRESSES. Never raises."""
    mailboxes: list[Mailbox] = []
    for value in values:
        for box in _read_mailboxes(decode_raw(value[:FIELD_CHARACTERS], decoder), decoder):
            if len(mailboxes) >= limits.ADDRESSES:
                return mailboxes
            mailboxes.append(box)
    return mailboxes


def parse_sender(headers: Headers, decoder: Decoder, defects: list[str]) -> Mailbox:
    """Return the author: the first From mailbox, or else the Sender; a Mailbox of empty texts if none."""
    values = headers.all("from")
    if len(values) > 1:
        defects.append("more than one From field: the first was taken")
    boxes = parse_addresses(values, decoder)
    if values and b"=?" in values[0] and not any(box.address for box in boxes):
        boxes = _decode_hidden_mailboxes(values[0], decoder) or boxes
        defects.append("the sender's address was inside an encoded word")
    boxes = boxes or parse_addresses(headers.all("sender"), decoder)
    box = next((box for box in boxes if box.address), boxes[0] if boxes else Mailbox("", ""))
    shown = BARE.search(box.name)
    if shown and shown[0].strip("'.").lower() != box.address.lower():
        defects.append("the sender's name shows another address")
    return box


def names_one_author(headers: Headers, decoder: Decoder) -> bool:
    """Return whether there is exactly one From field, with exactly one address, written exactly.

    Otherwise we and the server that checked the sender's domain may have read different addresses (RFC 7489,
    section 6.6.1).
    """
    values = headers.all("from")
    boxes = [box for box in parse_addresses(values, decoder) if box.address]
    return len(values) == len(boxes) == 1 and boxes[0].is_exact


def _decode_hidden_mailboxes(value: bytes, decoder: Decoder) -> list[Mailbox]:
    """Return the mailboxes of a value that a faulty program has encoded as one word."""
    text = decode_name(decode_raw(value[: limits.HEADER_VALUE_BYTES], decoder), decoder)
    return [box for box in _read_mailboxes(text, decoder) if box.address]


@dataclass(slots=True)
class _Entry:
    """The text between two separators of a list."""

    words: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    angle: str | None = None
    comment: str = ""
    local: str = ""  # a quoted string or encoded words, which become an address with an "@…" after them
    local_end: int = -1

    def address(self) -> str:
        return clean_address(self.angle or "") or (clean_address(self.bare[0]) if self.bare else "")

    def is_exact(self) -> bool:
        return self.address() in (self.angle, *self.bare[:1])


def _read_mailboxes(text: str, decoder: Decoder) -> Iterator[Mailbox]:
    """Yield the mailboxes of a list; a name that was split at its own comma is joined again."""
    waiting: list[str] = []
    for entry in _split_entries(text):
        address = entry.address()
        if not address:
            waiting.extend(filter(None, [_read_text_without_address(entry)]))
            continue
        words = entry.words if entry.angle is None else entry.words + entry.bare
        if waiting and words and entry.angle is not None:
            words = [", ".join([*waiting, " ".join(words)])]
        waiting = []
        yield Mailbox(
            address, _decode_display_name(" ".join(words) or entry.comment, decoder), entry.is_exact()
        )
        if entry.angle is None:
            yield from (Mailbox(other, "") for other in map(clean_address, entry.bare[1:]) if other)
    if waiting:
        yield Mailbox("", _decode_display_name(", ".join(waiting), decoder))


def _read_text_without_address(entry: _Entry) -> str:
    """Return the text of an entry without an address; cron writes "root (Cron Daemon)"."""
    words = " ".join(entry.words) or entry.angle or ""
    return f"{words} ({entry.comment})" if words and entry.comment else words


def _split_entries(text: str) -> Iterator[_Entry]:
    entry = _Entry()
    for match in TOKEN.finditer(text):
        kind, value = match.lastgroup, match[match.lastgroup or 0]
        if kind == "separator":
            if value != ":":  # the text before a colon is the name of a group (or "mailto")
                yield entry
            entry = _Entry()
        elif kind == "angle":
            if entry.address() and entry.angle is not None:
                yield entry
                entry = _Entry()
            if entry.angle:
                entry.words.append(entry.angle)
            entry.angle = value
        elif kind == "quoted":
            entry.words.append(ESCAPED.sub(r"\1", value).strip())
            entry.local, entry.local_end = match[0], match.end()
        elif kind == "comment":
            entry.comment = entry.comment or ESCAPED.sub(r"\1", value)
        elif kind == "word":
            entry.words.append(value)
            entry.local = entry.local + value if entry.local_end == match.start() else value
            entry.local_end = match.end()
        elif value[0] == "@" and entry.local_end == match.start():
            entry.bare.append(entry.local + value)  # not decoded, since encoded words cannot form an address
            entry.words.clear()
        else:
            (entry.bare if BARE.fullmatch(value) else entry.words).append(value)
    yield entry


def clean_address(text: str) -> str:
    """Return an address without invisible characters, or "" if the text is not an address."""
    address = UNSEEN.sub("", ROUTE.sub("", text.strip().strip("'"))).lstrip("';,[] ").rstrip("'.;,[] ")
    if not address.startswith('"'):
        address = address.replace(" ", "")
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or len(address) > limits.ADDRESS_CHARACTERS:
        return ""
    return address


def _decode_display_name(text: str, decoder: Decoder) -> str:
    name = decode_name(text[: limits.HEADER_VALUE_BYTES], decoder)
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name
