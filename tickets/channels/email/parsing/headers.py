"""The header block of a mail or part: find it, repair it, and keep the raw bytes of its fields."""

import re
from collections.abc import Iterator

from tickets.channels.email.parsing import limits
from tickets.channels.email.reading.wordlist import split_words

FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")
BLANK_LINE = re.compile(rb"\n\r*(?:\n|\Z)")
KNOWN = split_words(
    """
    from to cc bcc subject date reply-to sender message-id in-reply-to references received return-path
    delivered-to mime-version content-type content-transfer-encoding content-disposition content-id
    content-description x-mailer user-agent importance priority list-id precedence auto-submitted
    x-original-to dkim-signature authentication-results x-priority organization thread-topic thread-index
    """
)
LINES_AHEAD = 30  # to search for fields after a line that is not one
STRAY_LINES = 50
JUNK_BYTES = 4_096  # that may precede a mail


class Headers:
    """Header fields in their order, by lower-case name. Values are raw bytes, unfolded."""

    __slots__ = ("_by_name", "items")

    def __init__(self, items: list[tuple[str, bytes]]) -> None:
        self.items = items
        self._by_name: dict[str, list[bytes]] = {}
        for name, value in items:
            self._by_name.setdefault(name, []).append(value)

    def get(self, name: str) -> bytes:
        """Return the first field with this name, or b""."""
        values = self._by_name.get(name)
        return values[0] if values else b""

    def all(self, name: str) -> list[bytes]:
        return self._by_name.get(name, [])

    def text(self, name: str) -> str:
        """Return the first field with this name as ASCII in lower case, without comments."""
        return (
            re.sub(r"\([^()]{0,200}\)", "", self.get(name)[:500].decode("ascii", "replace")).strip().lower()
        )

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return iter(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)


def split_mail(raw: bytes, defects: list[str]) -> tuple[Headers, int]:
    """Return the fields of a whole mail and the offset of its body; anything before the fields is skipped."""
    start = _find_first_field(raw)
    headers, body = split_part(raw, start, len(raw), defects)
    if not _looks_like_mail(headers):
        # Some faulty filters put junk and an empty line before the mail.
        blank = BLANK_LINE.search(raw, start, start + JUNK_BYTES)
        later, later_body = split_part(raw, blank.end() if blank else body, len(raw), [])
        if _looks_like_mail(later) and len(later.items) > len(headers.items):
            defects[:] = ["lines before the header were skipped"]
            return later, later_body
    return headers, body


def split_part(raw: bytes, start: int, end: int, defects: list[str]) -> tuple[Headers, int]:
    """Return the header fields between two offsets, and the offset of the body."""
    if raw.startswith((b"\n", b"\r\n"), start):
        return Headers([]), min(raw.find(b"\n", start) + 1, end)
    blank = BLANK_LINE.search(raw, start, end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    if stop - start > limits.HEADER_BLOCK_BYTES:
        defects.append("header too large: only its beginning was read")
        stop = start + limits.HEADER_BLOCK_BYTES
    lines = raw[start:stop].split(b"\n")
    items, used = _read_fields(lines, defects)
    if used < len(lines):  # a line that is not a field, and no field after it: the empty line is missing
        defects.append("no empty line between header and body")
        body = start + sum(len(line) + 1 for line in lines[:used])
    return Headers(items), min(body, end)


def _read_fields(lines: list[bytes], defects: list[str]) -> tuple[list[tuple[str, bytes]], int]:
    """Return the fields, and the number of lines that belong to the header."""
    fields: list[tuple[str, list[bytes]]] = []
    used = len(lines)
    strays = 0
    for number, whole in enumerate(lines):
        line = whole.rstrip(b"\r\n").replace(b"\x00", b"")  # which PostgreSQL cannot store
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line.strip())
        elif field := FIELD.match(line):
            if len(fields) >= limits.HEADER_FIELDS:
                defects.append("too many header fields: only the first were read")
                break
            fields.append((field[1].decode("ascii").lower(), [line[field.end() :].rstrip()]))
        elif line and not line.startswith((b"From ", b">From ")):
            strays += 1
            if strays > STRAY_LINES or not _has_more_fields(lines, number):
                used = number
                break
            if fields:
                fields[-1][1].append(line.strip())
    if strays and used == len(lines):
        defects.append("a header line had lost its indent")
    return [(name, b" ".join(pieces)) for name, pieces in fields], used


def _has_more_fields(lines: list[bytes], number: int) -> bool:
    """Return whether well-known fields follow after a line that is not a field."""
    following = (FIELD.match(line) for line in lines[number + 1 : number + LINES_AHEAD])
    return any(field and field[1].decode().lower() in KNOWN for field in following)


def _find_first_field(raw: bytes) -> int:
    """Return the offset after a byte order mark and empty lines before the header."""
    return len(raw) - len(raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))


def _looks_like_mail(headers: Headers) -> bool:
    return any(name in KNOWN for name, _ in headers)
