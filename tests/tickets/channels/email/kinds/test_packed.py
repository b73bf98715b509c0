"""Words and files in the wrappings of other times: rich text of Outlook, uuencoded files in the text."""

import binascii
import struct
import time

import pytest

from tickets.channels.email.parsing import parse_email
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.wrapped.rtf import extract_rtf_text, unpack_rtf

HEAD = "From: Dana <dana@petit.example>\nSubject: Lamp\nContent-Type: text/plain; charset=utf-8\n\n"


def plain(rtf):
    """Return rich text as winmail.dat holds it, not compressed."""
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


# From [MS-OXRTFCP] section 3: compressed text that refers back, and that reads what it is writing.
COMPRESSED = {
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0": (
        b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    ),
    "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0": b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
}


@pytest.mark.parametrize("packed", COMPRESSED)
def test_compressed_rich_text_is_unpacked(packed):
    assert unpack_rtf(bytes.fromhex(packed)) == COMPRESSED[packed]


WORDS = {
    rb"{\rtf1\ansi\ansicpg1252 caf\'e9\par\tab x}": "café\n\tx",
    rb"{\rtf1\ansi\ansicpg1251 \'ef\'f0\'e8\'e2\'e5\'f2}": "привет",
    rb"{\rtf1\uc1 \u8364?5 \u-10179?\u-8704?}": "€5 😀",
    rb"{\rtf1{\fonttbl{\f0 Arial;}}{\*\generator Word;}a \{b\} \\}": "a {b} \\",
    rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hi{\*\htmltag72 </p>}\htmlrtf}\htmlrtf0 }": "Hi",
    rb"not rtf": "",
}


@pytest.mark.parametrize("rtf", WORDS)
def test_words_of_rich_text_are_read(rtf):
    assert extract_rtf_text(plain(rtf), Decoder()).replace("\ud83d\ude00", "😀") == WORDS[rtf]


@pytest.mark.parametrize(
    "rtf", [b"{" * 200_000, b"{\\rtf1" + b"\\'" * 200_000, b"{\\rtf1" + b"{\\*a" * 100_000]
)
def test_hostile_rich_text_comes_back_soon(rtf):
    begun = time.perf_counter()
    extract_rtf_text(plain(rtf), Decoder())
    assert time.perf_counter() - begun < 2


def uu(name, data):
    lines = [
        binascii.b2a_uu(data[place : place + 45]).decode().rstrip("\n") for place in range(0, len(data), 45)
    ]
    return "\n".join([f"begin 644 {name}", *lines, "`", "end"])


def test_uuencoded_files_in_the_text_are_files():
    one, two = b"one file " * 30, bytes(range(256))
    mail = parse_email(
        f"{HEAD}See both.\n\n{uu('a.txt', one)}\n\nand\n\n{uu('b c.bin', two)}\n\nDana\n".encode()
    )
    assert [(file.filename, file.content) for file in mail.attachments] == [("a.txt", one), ("b c.bin", two)]
    assert mail.reply_text.split() == ["See", "both.", "and", "Dana"]


def test_a_mail_that_is_one_uuencoded_file_is_a_file():
    mail = parse_email(f"{HEAD}{uu('a.txt', b'abc')}\n".encode())
    assert ([file.content for file in mail.attachments], mail.reply_text.strip()) == ([b"abc"], "")


@pytest.mark.parametrize(
    "text", ["begin 644 tests\nand so on\nend", "begin 644 a\n#86)C\nnever ends", "begin 9 a\nend"]
)
def test_words_that_look_like_one_stay(text):
    mail = parse_email(f"{HEAD}{text}".encode())
    assert (mail.text, mail.attachments) == (text, ())
