"""Decode Content-Transfer-Encoding: base64, quoted-printable and uuencode, even if damaged."""

import binascii
import re

from tickets.channels.email.parsing import limits

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
FOREIGN = bytes(set(range(256)) - set(LETTERS))
SPACES = b" \t\r\n"
ENDED = re.compile(rb"([A-Za-z0-9+/]+={1,2})\s+(\S.*)$", re.DOTALL)  # padding, and something else behind it
SOFT_BREAK = re.compile(rb"=[ \t]+(\r?\n)")  # servers may add white space, which RFC 2045 rule 3 allows for
UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.MULTILINE)
UU_TEXT_BEGIN = re.compile(r"^begin [0-7]{3,4} ([^\r\n]{1,200})\n", re.MULTILINE)
# A line's first character is its length; servers may have removed spaces from its end.
UU_BLOCK = re.compile(r"((?:[!-`][ -`]{0,90}\n)*+)(?:[ `]?\n)?end[ \t]*(?:\n|\Z)")
UU_END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)


def decode_transfer(data: bytes, encoding: str, defects: list[str]) -> bytes:
    """Return the decoded content of a part; with an unknown encoding, unchanged. Never raises."""
    if "base64" in encoding:
        return _decode_base64(data, defects)
    if "quoted" in encoding or encoding == "qp":
        return binascii.a2b_qp(SOFT_BREAK.sub(rb"=\1", data) if b"= " in data or b"=\t" in data else data)
    if "uu" in encoding:
        return decode_uu(data) or data
    if encoding.strip(" ;'\"").replace("-", "") not in (
        "",
        "7bit",
        "8bit",
        "binary",
        "7bits",
        "8bits",
        "none",
    ):
        defects.append(f"unknown transfer encoding {encoding[:30]!r}: taken as it is")
    return data


def decode_uu(data: bytes) -> bytes:
    """Return the first uuencoded file in `data`, or b"" if there is none."""
    begin = UU_BEGIN.search(data)
    if begin is None:
        return b""
    if data.count(b"\n") > limits.UU_LINES:
        return b""
    end = UU_END.search(data, begin.end())
    out = bytearray()
    for line in data[begin.end() : end.start() if end else len(data)].splitlines():
        out += _decode_uu_line(line)
    return bytes(out)


def extract_uu_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a text without its uuencoded files, and the files as (name, content).

    Only complete ones count, with a length in every line, because a person may write "begin 644 tests" too.
    """
    files: list[tuple[str, bytes]] = []
    rest: list[str] = []
    place = 0
    while len(files) < limits.UNPACKED_FILES and (begin := UU_TEXT_BEGIN.search(text, place)) is not None:
        block = UU_BLOCK.match(text, begin.end())
        if block is None:
            rest.append(text[place : begin.end()])
            place = begin.end()
            continue
        rest.append(text[place : begin.start()])
        content = b"".join(_decode_uu_line(line.encode("ascii", "replace")) for line in block[1].split("\n"))
        files.append((begin[1].strip(), content))
        place = block.end()
    return ("".join(rest) + text[place:], files) if files else (text, files)


def _decode_uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except (
        binascii.Error
    ):  # some encoders add characters: trust the length byte, as Python's former uu module did
        try:
            return binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3 + 1])
        except binascii.Error:
            return b""


def _decode_base64(data: bytes, defects: list[str]) -> bytes:
    if not data.translate(None, LETTERS + b"=" + SPACES) and _ends_with_padding(data):
        try:
            return binascii.a2b_base64(data)
        except binascii.Error:
            pass
    defects.append("damaged base64")
    if len(data) > limits.REPAIRED_BYTES or defects.count("damaged base64") > limits.REPAIRED_PARTS:
        return _decode_run(bytearray(data.translate(None, FOREIGN)))
    return _decode_broken_base64(data)


def _ends_with_padding(data: bytes) -> bool:
    """Return whether padding occurs only at the end, since Python's decoder stops at the first."""
    mark = data.find(b"=")
    return mark < 0 or not data[mark:].strip(b"=" + SPACES)


def _decode_broken_base64(data: bytes) -> bytes:
    """Decode each run of base64; other lines, such as a mailing list's footer, are kept unchanged."""
    out = bytearray()
    run = bytearray()
    for whole in data.splitlines():
        line = whole.strip()
        if ended := ENDED.match(line):
            out += _decode_run(run + ended[1].rstrip(b"=")) + b"\n" + ended[2] + b"\n"
            run.clear()
            continue
        if b" " in line or len(line.translate(None, LETTERS + b"=")) > len(line) // 10:
            out += _decode_run(run) + b"\n" + line + b"\n"
            run.clear()
            continue
        for piece in re.split(rb"(?<==)(?!=)", line):
            run += piece.translate(None, FOREIGN)
            if b"=" in piece:
                out += _decode_run(run)
                run.clear()
    return bytes(out + _decode_run(run))


def _decode_run(run: bytearray) -> bytes:
    letters = bytes(run[:-1] if len(run) % 4 == 1 else run)
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
