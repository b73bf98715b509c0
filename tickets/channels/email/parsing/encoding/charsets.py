"""Bytes to text: the charset a mail names, the one it means, and what to do when it names none."""

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

from tickets.channels.email.parsing import limits

# What senders call it → the Python codec that reads what they really send: the vendor's superset.
MEANT = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "chinese": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "korean": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "big5": "cp950",
    "x-big5": "cp950",
    "cn-big5": "cp950",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-6-e": "iso-8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-unicode-2-0-utf-8": "utf-8",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-ce": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-user-defined": "cp1252",
    "iso-2022-jp": "iso2022_jp_ext",
}
NOT_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
JIS_RUN = re.compile(rb"\x1b\$[@B]((?:[\x21-\x7e][\x21-\x7e])*)|\x1b\([BJ]")
SURROGATE = re.compile("[\ud800-\udfff]")


class Decoder:
    """Decode the texts of one mail; remember how many guesses are left.

    `fallback` is the charset of the first text that names one: raw 8-bit headers and file names share it.
    """

    def __init__(self) -> None:
        self.fallback = ""
        self.guesses = limits.CHARSET_GUESSES
        self.repaired: set[str] = set()

    def decode(self, data: bytes, charset: str = "") -> str:
        """Return data as text in the named charset, else in the likeliest one. Never raises."""
        if data.isascii() and not charset.lower().startswith(
            ("iso-2022", "utf-7", "utf7", "hz", "utf-16", "utf-32")
        ):
            return clean(data.decode("ascii"))
        if text := _by_byte_order_mark(data):
            return clean(text)
        codec = codec_for(charset)
        text = _strictly(data, codec) if codec else None
        if text is None:
            self.repaired.add(charset[:40])
            text = self._repair(data, codec)
        return clean(text)

    def _repair(self, data: bytes, codec: str) -> str:
        """Read what its own charset cannot: as right UTF-8, in the mail's other charset, by a guess."""
        for other in ("utf-8", codec_for(self.fallback)):
            if other and other != codec and (text := _strictly(data, other)) is not None:
                return text
        lenient = data.decode(codec or "utf-8", "replace")
        wrong = lenient.count("\ufffd")
        right = sum(1 for character in lenient[:4000] if character > "\x7f") - wrong
        if codec not in ("", "utf-8") or right > 0:  # chance makes no right UTF-8
            return lenient
        return self._guess(data) or data.decode("cp1252", "replace")

    def _guess(self, data: bytes) -> str:
        if len(data) < 120 or not self.guesses:
            return ""
        self.guesses -= 1
        best = from_bytes(data[:16_384]).best()
        return data.decode(best.encoding, "replace") if best else ""


@lru_cache(maxsize=256)
def codec_for(charset: str) -> str:
    """Return the Python codec for a charset name as mails write it, or "" when it names no text."""
    name = charset.partition("*")[0].strip(" \t\"'<>;,").lower()
    name = MEANT.get(name) or MEANT.get(name.replace("_", "-")) or name
    if not name or len(name) > 40 or not name.isascii():
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        shorter = re.match(r"(utf-?8|windows-?125\d|iso-8859-\d{1,2}|koi8-[ru])", name)
        return codec_for(shorter[1]) if shorter and shorter[1] != name else ""
    if info.name.replace("-", "_") in NOT_TEXT or not getattr(info, "_is_text_encoding", True):
        return ""
    return MEANT.get(info.name, info.name)


def distinct_codec(charset: str) -> str:
    """Return the codec of a charset that says more than ASCII and UTF-8 do, else ""."""
    codec = codec_for(charset)
    return "" if codec == "utf-8" or charset.strip("\"' ").lower() in ("us-ascii", "ascii") else codec


def clean(text: str) -> str:
    """Drop what PostgreSQL cannot store: NUL and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if SURROGATE.search(text):
        text = SURROGATE.sub("\ufffd", text)
    return text


def _by_byte_order_mark(data: bytes) -> str | None:
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    return None


def _strictly(data: bytes, codec: str) -> str | None:
    """Decode without any replacement, or return None. Western text that is right UTF-8 is read as UTF-8."""
    try:
        if codec in ("cp1252", "cp1254"):
            return _western(data, codec)
        if codec.startswith("iso2022_jp"):
            return _japanese(data, codec)
        return data.decode(codec)
    except (UnicodeError, ValueError, OverflowError):
        return None


def _western(data: bytes, codec: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _japanese(data: bytes, codec: str) -> str:
    """Read ISO-2022-JP; vendor characters (NEC row 13) by way of Shift JIS, where Python knows them."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return JIS_RUN.sub(_shifted, data).decode("cp932")


def _shifted(run: re.Match[bytes]) -> bytes:
    """Turn a run of two-byte JIS codes into Shift JIS. Formula: JIS X 0208 appendix 1."""
    pairs = run[1] or b""
    out = bytearray()
    for high, low in zip(pairs[::2], pairs[1::2], strict=True):
        row = (high - 0x21) // 2 + 0x81
        out.append(row if row <= 0x9F else row + 0x40)
        odd = low + 0x1F + (low >= 0x60)
        out.append(odd if high % 2 else low + 0x7E)
    return bytes(out)
