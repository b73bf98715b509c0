"""Decode header values for people: encoded words (RFC 2047) and raw 8-bit bytes, no control characters."""

import binascii
import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Literal

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.encoding.charsets import Decoder

# Some programs fold a line within an encoded word, which leaves a space in it.
ENCODED_WORD = re.compile(r"=\?\s?([^?\s]{1,60})\s?\?\s?([bBqQ])\s?\?")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# Bidirectional overrides and invisible characters, which make one name look like another. Joiners and
# non-joiners are kept between letters of Persian or Indian scripts, and between emoji, where they matter.
INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
    "|(?<![^\x00-\u02ff])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u02ff])"
)
SPACES = re.compile(r"[ \t]+")


type Form = Literal["NFC", "NFKC"]


def decode_words(value: bytes, decoder: Decoder) -> str:
    """Return a raw header value as text without control characters. Never raises."""
    text = decode_raw(value[: limits.HEADER_VALUE_BYTES], decoder)
    if "=?" in text:
        text = _decode_pieces(_split_pieces(text), decoder)
    return CONTROLS.sub(" ", text).strip()


def decode_name(value: str, decoder: Decoder, *, form: Form = "NFKC") -> str:
    """Return a display name on one line, without invisible characters; use the form NFC for a file name."""
    text = _decode_pieces(_split_pieces(value), decoder) if "=?" in value else value
    text = INVISIBLE.sub("", CONTROLS.sub(" ", text))
    if not text.isascii():
        text = unicodedata.normalize(form, text)
    return SPACES.sub(" ", text).strip()[: limits.NAME_CHARACTERS]


def decode_raw(value: bytes, decoder: Decoder) -> str:
    """Return header bytes as text; 8-bit bytes are read as UTF-8 or in the mail's own charset."""
    if value.isascii():
        return value.decode("ascii")
    return decoder.decode(value)


type Piece = tuple[str, str, str]  # text, charset, "b" or "q"; plain text has no charset


def _split_pieces(text: str) -> list[Piece]:
    """Split a value into plain text and encoded words; white space between two words is dropped."""
    pieces: list[Piece] = []
    plain = position = 0
    while (start := text.find("=?", position)) >= 0:
        word = ENCODED_WORD.match(text, start)
        if word is None:
            position = start + 2
            continue
        end = text.find("?=", word.end())
        if end < 0:
            break
        between = text[plain:start]
        if between and not (pieces and between.isspace()):
            pieces.append((between, "", ""))
        pieces.append((text[word.end() : end], word[1].lower(), word[2].lower()))
        plain = position = end + 2
    if text[plain:]:
        pieces.append((text[plain:], "", ""))
    return pieces


def _decode_pieces(pieces: list[Piece], decoder: Decoder) -> str:
    """Decode the pieces; adjacent ones of one charset are joined first, as a character may be split."""
    out = []
    for charset, group in groupby(pieces, key=itemgetter(1)):
        if charset:
            out.append(decoder.decode(_collect_bytes(group), charset))
        else:
            out.extend(text for text, _, _ in group)
    return "".join(out)


def _collect_bytes(words: Iterable[Piece]) -> bytes:
    """Return the bytes of words of one charset; a base64 group of four may continue in the next word."""
    data, half = b"", ""
    for text, _, encoding in words:
        if encoding == "b":
            half += text.strip()
            if len(half) % 4 == 0 or half.endswith("="):
                data, half = data + _decode_base64(half), ""
        else:
            data, half = data + _decode_base64(half) + _decode_quoted(text), ""
    return data + _decode_base64(half)


def _decode_quoted(text: str) -> bytes:
    return binascii.a2b_qp(text.encode("utf-8", "replace"), header=True)


def _decode_base64(text: str) -> bytes:
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", text.encode("ascii", "ignore"))
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
