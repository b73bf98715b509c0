"""Rich text in winmail.dat: decompress it and extract its text. Source: [MS-OXRTFCP]."""

import re
import struct

from tickets.channels.email.parsing.encoding.charsets import Decoder, find_codec

COMPRESSED, PLAIN = 0x75465A4C, 0x414C454D
MAX_BYTES = 4_000_000  # of decompressed text; the rest is cut
DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" +
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)  # fmt: skip
TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.DOTALL
)
# Groups whose text is not part of the mail.
HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer generator listtable listoverridetable "
    b"themedata rsidtbl xmlnstbl filetbl revtbl htmltag mhtmltag bkmkstart bkmkend fldinst datastore "
    b"latentstyles".split()
)
SIGNS = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"emdash": "—", b"endash": "–",
    b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"page": "\n",
}  # fmt: skip
DEPTH, TOKENS = 200, 400_000


def extract_rtf_text(data: bytes, decoder: Decoder) -> str:
    """Return the text of compressed rich text, or "" if it is invalid. Limited in size; never raises."""
    return _extract_text(unpack_rtf(data), decoder)


def unpack_rtf(data: bytes) -> bytes:
    """Return decompressed rich text (LZFu), or b"" if it is invalid."""
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    size = min(size, MAX_BYTES)
    if kind == PLAIN:
        return data[16 : 16 + size]
    if kind != COMPRESSED:
        return b""
    window = bytearray(DICTIONARY.ljust(4096, b"\0"))
    write, place = len(DICTIONARY), 16
    out = bytearray()
    while place < len(data) and len(out) < size:
        control, place = data[place], place + 1
        for bit in range(8):
            if place >= len(data):
                break
            if not control >> bit & 1:
                run, place = data[place : place + 1], place + 1
            else:
                pair = int.from_bytes(data[place : place + 2])
                place += 2
                offset, length = pair >> 4, (pair & 15) + 2
                if offset == write:
                    return bytes(out[:size])
                run = b""
                for step in range(length):  # a reference may include bytes that it has just written
                    byte = window[(offset + step) % 4096]
                    window[(write + step) % 4096] = byte
                    run += bytes([byte])
            for step, byte in enumerate(run):
                window[(write + step) % 4096] = byte
            write = (write + len(run)) % 4096
            out += run
    return bytes(out[:size])


def _extract_text(rtf: bytes, decoder: Decoder) -> str:
    """Return the text of RTF; if HTML is wrapped in it, without the tags."""
    if not rtf.lstrip().startswith(b"{\\rtf"):
        return ""
    reader = _Reader(decoder)
    for count, token in enumerate(TOKEN.finditer(rtf)):
        if count > TOKENS:
            break
        reader.handle(token)
    reader.flush()
    text = re.sub(r"[ \t]+\n", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader:
    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.codec = "cp1252"
        self.out: list[str] = []
        self.bytes = bytearray()
        self.stack: list[tuple[bool, int]] = []
        self.hidden, self.skip = False, 1  # within a hidden group; the substitute characters after a \\u
        self.left = 0
        self.wrapped = False  # within \\htmlrtf: only for programs without HTML

    def handle(self, token: re.Match[bytes]) -> None:
        word, number, code, sign, brace, text = token.groups()
        if brace == b"{":
            self.flush()
            if len(self.stack) < DEPTH:
                self.stack.append((self.hidden, self.skip))
        elif brace:
            self.flush()
            self.hidden, self.skip = self.stack.pop() if self.stack else (False, 1)
        elif word:
            self._command(word, int(number) if number else None)
        elif code:
            self._add(bytes([int(code, 16)]))
        elif sign:
            self._sign(sign)
        elif text:
            self._add(text)

    def flush(self) -> None:
        """Decode the collected bytes by the document's code page, and add them to the output."""
        if self.bytes:
            self.out.append(self.decoder.decode(bytes(self.bytes), self.codec))
            self.bytes.clear()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.hidden = True  # a group that programs may ignore
        elif sign in b"{}\\":
            self._add(sign)
        elif sign == b"~":
            self._add(b" ")

    def _command(self, word: bytes, number: int | None) -> None:
        if word in HIDDEN:
            self.hidden = True
        elif word == b"htmlrtf":
            self.wrapped = number != 0
        elif word == b"ansicpg" and number and find_codec(f"cp{number}"):
            self.codec = f"cp{number}"
        elif word == b"uc" and number is not None:
            self.skip = max(0, min(number, 10))
        elif self.hidden or self.wrapped:
            return
        elif word == b"u" and number is not None:
            self.flush()
            self.out.append(chr(number % 0x10000))
            self.left = self.skip
        elif word in SIGNS:
            self.flush()
            self.out.append(SIGNS[word])

    def _add(self, data: bytes) -> None:
        if self.hidden or self.wrapped:
            return
        cut = min(self.left, len(data))
        self.left -= cut
        self.bytes += data[cut:]
