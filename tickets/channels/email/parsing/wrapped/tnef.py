"""Unpack winmail.dat, in which Outlook wraps mails (TNEF); limited, never raises. Source: [MS-OXTNEF]."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.channels.email.parsing.encoding.charsets import Decoder, remove_unstorable
from tickets.channels.email.parsing.wrapped.rtf import extract_rtf_text

SIGNATURE = 0x223E9F78
MAX_FILES, MAX_DEPTH, MAX_ATTRIBUTES, MAX_PROPERTIES = 200, 4, 5_000, 2_000
ATTACHMENT_BEGINS, TITLE, DATA, PROPERTIES_OF_FILE = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
BODY, PROPERTIES, CODEPAGE = 0x0002800C, 0x00069003, 0x00069007
FIXED = {
    0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8,
    0x48: 16,
}  # fmt: skip
VARIABLE = (0x0D, 0x1E, 0x1F, 0x102)
TEXT_BODY, RICH_BODY, HTML_BODY, OBJECT = 0x1000, 0x1009, 0x1013, 0x3701
SHORT_NAME, LONG_NAME, MEDIA_TYPE, CONTENT_ID = 0x3704, 0x3707, 0x370E, 0x3712


@dataclass(slots=True)
class PackedFile:
    """A file in a winmail.dat, with its original name."""

    name: str = ""
    content_type: str = ""
    content: bytes = b""
    content_id: str = ""


@dataclass(slots=True)
class Unpacked:
    """The content of a winmail.dat."""

    files: list[PackedFile] = field(default_factory=list)
    text: str = ""
    html: str = ""


def unpack_tnef(content: bytes, decoder: Decoder, *, depth: int = 0) -> Unpacked | None:
    """Return the content of a winmail.dat, or None if it is not TNEF or has nothing readable."""
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != SIGNATURE:
        return None
    unpacked, codepage = Unpacked(), "cp1252"
    for number, data in _read_attributes(content):
        if number == ATTACHMENT_BEGINS and len(unpacked.files) < MAX_FILES:
            unpacked.files.append(PackedFile())
        elif number == CODEPAGE and len(data) >= 4:
            codepage = f"cp{struct.unpack_from('<I', data)[0]}"
        elif number == BODY:
            unpacked.text = decoder.decode(data.rstrip(b"\x00"), codepage)
        elif number == PROPERTIES:
            _read_bodies(unpacked, dict(_read_properties(data)), codepage, decoder)
        elif unpacked.files:
            _read_file(unpacked, number, data, codepage, decoder, depth)
    unpacked.files = [file for file in unpacked.files if file.content]
    return unpacked if unpacked.files or unpacked.text or unpacked.html else None


def _read_attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (id, data) of each attribute; one that is longer than the file ends with it."""
    place = 6
    for _ in range(MAX_ATTRIBUTES):
        if place + 9 > len(content):
            return
        number, length = struct.unpack_from("<II", content, place + 1)
        yield number, content[place + 9 : place + 9 + length]
        place += 9 + length + 2


def _read_bodies(unpacked: Unpacked, values: dict[int, bytes], codepage: str, decoder: Decoder) -> None:
    if TEXT_BODY in values and not unpacked.text:
        unpacked.text = _decode_text(values[TEXT_BODY], codepage, decoder)
    if HTML_BODY in values:
        unpacked.html = _decode_text(values[HTML_BODY], codepage, decoder)
    if RICH_BODY in values and not (unpacked.text or unpacked.html):
        unpacked.text = remove_unstorable(extract_rtf_text(values[RICH_BODY], decoder))


def _read_file(
    unpacked: Unpacked, number: int, data: bytes, codepage: str, decoder: Decoder, depth: int
) -> None:
    file = unpacked.files[-1]
    if number == TITLE:
        file.name = file.name or decoder.decode(data.rstrip(b"\x00"), codepage)
    elif number == DATA:
        file.content = data
    elif number == PROPERTIES_OF_FILE:
        values = dict(_read_properties(data))
        named = values.get(LONG_NAME) or values.get(SHORT_NAME)
        file.name = _decode_text(named, codepage, decoder) if named else file.name
        file.content_type = _decode_text(values.get(MEDIA_TYPE, b""), codepage, decoder).lower()[:100]
        file.content_id = _decode_text(values.get(CONTENT_ID, b""), codepage, decoder).strip("<>")[:500]
        inner = values.get(OBJECT, b"")[16:]  # an attached message: an interface id, followed by TNEF
        if inner and not file.content and depth < MAX_DEPTH:
            _add_message(unpacked, unpack_tnef(inner, decoder, depth=depth + 1))


def _add_message(unpacked: Unpacked, inner: Unpacked | None) -> None:
    """Add an attached message's text and files to the others."""
    if inner is None:
        return
    if inner.html or inner.text:
        kind, words = ("text/html", inner.html) if inner.html else ("text/plain", inner.text)
        name = f"{unpacked.files[-1].name or 'message'}.{'html' if inner.html else 'txt'}"
        unpacked.files[-1] = PackedFile(name, kind, words.encode())
    unpacked.files += inner.files[: MAX_FILES - len(unpacked.files)]


def _decode_text(value: bytes, codepage: str, decoder: Decoder) -> str:
    """Decode a text property: as UTF-16 if its second byte is zero, or else by the mail's code page."""
    if len(value) >= 2 and len(value) % 2 == 0 and value[1:2] == b"\x00":
        return decoder.decode(value, "utf-16-le").rstrip("\x00")
    return decoder.decode(value.rstrip(b"\x00"), codepage)


def _read_properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (id, value) of the MAPI properties of a block, up to the first that cannot be read."""
    try:
        (count,) = struct.unpack_from("<I", data)
        place = 4
        for _ in range(min(count, MAX_PROPERTIES)):
            kind, number = struct.unpack_from("<HH", data, place)
            place += 4
            if number >= 0x8000:
                place = _skip_name(data, place)
            value, place = _read_value(data, place, kind)
            yield number, value
    except (struct.error, KeyError):
        return


def _skip_name(data: bytes, place: int) -> int:
    (is_text,) = struct.unpack_from("<I", data, place + 16)
    if not is_text:
        return place + 24
    (length,) = struct.unpack_from("<I", data, place + 20)
    return place + 24 + _pad(length)


def _read_value(data: bytes, place: int, kind: int) -> tuple[bytes, int]:
    """Return the first value of a property, and the offset of the next property."""
    several, kind = kind & 0x1000, kind & 0x0FFF
    if kind not in VARIABLE and not several:
        return data[place : place + FIXED[kind]], place + FIXED[kind]
    (count,) = struct.unpack_from("<I", data, place)
    place += 4
    first = b""
    for number in range(min(count, MAX_PROPERTIES)):
        if kind in VARIABLE:
            (length,) = struct.unpack_from("<I", data, place)
            value, place = data[place + 4 : place + 4 + length], place + 4 + _pad(length)
        else:
            value, place = data[place : place + FIXED[kind]], place + FIXED[kind]
        first = value if number == 0 else first
    return first, place


def _pad(length: int) -> int:
    return length + (-length) % 4
