"""Decode bytes to text: by the charset that a mail names, the one it means, or a guess."""

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.encoding.charset_names import CODECS_BY_NAME

COMPACT = re.compile(r"[^a-z0-9]")
CODECS = {
    COMPACT.sub("", name): codec for name, codec in CODECS_BY_NAME.items()
}  # senders differ in the punctuation
# Other spellings of code pages such as "cp850": windows-874, IBM-850, x-windows-949, WinCP1251, DOS_850.
CODE_PAGE = re.compile(
    r"(?:windows|win|w|ibm|ccsid|cp|dos|msdos|pc|oem|ms|microsoft|ansi|codepage)+(\d{3,5})"
)
ISO_8859 = re.compile(r"(?:x-|cs)?(?:iso)?[ _-]?8859[ _-]?(\d{1,2})")
LATIN = re.compile(r"(?:isolatin|latin|l)(\d{1,2})")
LATIN_PARTS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 9, 6: 10, 7: 13, 8: 14, 9: 15, 10: 16}
# The Windows charset that has quotes, dashes and € where an ISO charset has control characters.
RELATIVES = {
    "iso8859-2": "cp1250", "iso8859-3": "cp1254", "iso8859-4": "cp1257", "iso8859-5": "cp1251",
    "iso8859-6": "cp1256", "iso8859-7": "cp1253", "iso8859-10": "cp1257", "iso8859-13": "cp1257",
    "iso8859-14": "cp1252", "iso8859-15": "cp1252", "iso8859-16": "cp1250",
}  # fmt: skip
CONTROLS = re.compile("[\x80-\x9f]")
NOT_LIKE_ASCII = ("utf-7", "hz", "iso2022", "utf-16", "utf-32", "utf_7", "utf_16", "utf_32")
HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
NOT_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
JIS_RUN = re.compile(rb"\x1b\$[@B]((?:[\x21-\x7e][\x21-\x7e])*)|\x1b\([BJ]")
SURROGATE = re.compile("[\ud800-\udfff]")


class Decoder:
    """Decode the texts of one mail, with a limited number of guesses.

    `fallback` is the charset of the first text that names one; raw 8-bit headers and file names often use it.
    """

    def __init__(self) -> None:
        self.fallback = ""
        self.guesses = limits.CHARSET_GUESSES
        self.repaired: set[str] = set()

    def decode(self, data: bytes, charset: str = "") -> str:
        """Decode `data` by the named charset, or else by the most likely one. Never raises."""
        codec = find_codec(charset)
        if data.isascii() and not codec.startswith(NOT_LIKE_ASCII):
            return remove_unstorable(data.decode("ascii"))
        if text := _decode_by_mark(data):
            return remove_unstorable(text)
        text = _decode_strictly(data, codec) if codec else None
        if text is None:
            self.repaired.add(charset[:40])
            text = self._repair(data, codec)
        return remove_unstorable(text)

    def _repair(self, data: bytes, codec: str) -> str:
        """Decode data that is invalid in its own charset: as UTF-8, by the mail's fallback, or by a guess."""
        for other in ("utf-8", find_codec(self.fallback)):
            if other and other != codec and (text := _decode_strictly(data, other)) is not None:
                return text
        lenient = data.decode(codec or "utf-8", "replace")
        wrong = lenient.count("\ufffd")
        right = sum(1 for character in lenient[:4000] if character > "\x7f") - wrong
        if codec not in ("", "utf-8") or right > 0:  # other charsets are hardly ever valid UTF-8 by chance
            return lenient
        return self._guess(data) or data.decode("cp1252", "replace")

    def _guess(self, data: bytes) -> str:
        if len(data) < 120 or not self.guesses:
            return ""
        self.guesses -= 1
        best = from_bytes(data[:16_384]).best()
        return data.decode(best.encoding, "replace") if best else ""


@lru_cache(maxsize=256)
def find_codec(charset: str) -> str:
    """Return the Python codec for a charset name in a mail, or "" if it is unknown or not for text."""
    name = charset.partition("*")[0].strip(" \t\"'<>;,()[]").lower()
    if not name or len(name) > 40 or not name.isascii():
        return ""
    name = _normalise_charset(name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        shorter = re.match(r"(utf-?8|windows-?125\d|iso-8859-\d{1,2}|koi8-[ru]|us-ascii)", name)
        return find_codec(shorter[1]) if shorter and shorter[1] != name else ""
    if info.name.replace("-", "_") in NOT_TEXT or not getattr(info, "_is_text_encoding", True):
        return ""
    return CODECS.get(COMPACT.sub("", info.name), info.name)


def _normalise_charset(name: str) -> str:
    """Return a charset's name as we or Python know it, without its variations in prefix and punctuation."""
    if part := ISO_8859.match(name):
        return _build_iso_name(int(part[1]))
    compact = COMPACT.sub("", name)
    return (
        _find_known_name(compact)
        or _find_known_name(re.sub(r"^(?:x|cs|xx)(?=[a-z0-9]{3})", "", compact))
        or name
    )


def _find_known_name(compact: str) -> str:
    if codec := CODECS.get(COMPACT.sub("", compact)):
        return codec
    if page := CODE_PAGE.fullmatch(compact):
        number = int(page[1])
        return CODECS.get(f"cp{number}") or (
            _build_iso_name(number - 28590) if 28591 <= number <= 28605 else f"cp{page[1]}"
        )
    if (latin := LATIN.fullmatch(compact)) and int(latin[1]) in LATIN_PARTS:
        return _build_iso_name(LATIN_PARTS[int(latin[1])])
    return compact if _is_known(compact) else ""


def _build_iso_name(part: int) -> str:
    return CODECS.get(f"iso8859{part}") or f"iso8859-{part}"


def _is_known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def find_distinct_codec(charset: str) -> str:
    """Return the codec of a charset other than ASCII and UTF-8, or ""."""
    codec = find_codec(charset)
    return "" if codec == "utf-8" or charset.strip("\"' ").lower() in ("us-ascii", "ascii") else codec


def remove_unstorable(text: str) -> str:
    """Remove what PostgreSQL cannot store: NUL and unpaired surrogates. Pairs become one character."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if SURROGATE.search(text):
        text = HALVES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        text = SURROGATE.sub("\ufffd", text)
    return text


def _decode_by_mark(data: bytes) -> str | None:
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    return None


def _decode_strictly(data: bytes, codec: str) -> str | None:
    """Decode without replacements, or return None. Western text that is valid UTF-8 is read as UTF-8."""
    try:
        if codec in ("cp1252", "cp1254"):
            return _decode_western(data, codec)
        if codec.startswith("iso2022_jp"):
            return _decode_japanese(data, codec)
        if codec == "utf-8":
            return _decode_utf8(data)
        text = data.decode(codec)
        if relative := RELATIVES.get(codec):
            text = CONTROLS.sub(lambda match: match[0].encode("latin-1").decode(relative, "replace"), text)
        return text
    except (UnicodeError, ValueError, OverflowError):
        return None


def _decode_utf8(data: bytes) -> str:
    """Decode UTF-8, and CESU-8, as databases and Java write it: surrogate pairs beyond U+FFFF."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = HALVES.sub("", halved) if (halved := data.decode("utf-8", "surrogatepass")) else ""
        if SURROGATE.search(text):
            raise
        return halved


def _decode_western(data: bytes, codec: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _decode_japanese(data: bytes, codec: str) -> str:
    """Decode ISO-2022-JP; vendor characters (NEC row 13) by Shift JIS, in which Python knows them."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return JIS_RUN.sub(_convert_to_shift_jis, data).decode("cp932")


def _convert_to_shift_jis(run: re.Match[bytes]) -> bytes:
    """Convert a run of two-byte JIS codes to Shift JIS. Formula: JIS X 0208 appendix 1."""
    pairs = run[1] or b""
    out = bytearray()
    for high, low in zip(pairs[::2], pairs[1::2], strict=True):
        row = (high - 0x21) // 2 + 0x81
        out.append(row if row <= 0x9F else row + 0x40)
        odd = low + 0x1F + (low >= 0x60)
        out.append(odd if high % 2 else low + 0x7E)
    return bytes(out)
