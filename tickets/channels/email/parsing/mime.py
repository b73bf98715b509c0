"""Split a mail into its parts, by offsets into the raw bytes, in linear time and with limits.

The standard library's parser is not used: it recurses as deep as the mail is nested, reads attachments line
by line, and rewrites attached mails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.encoding.charsets import Decoder, find_distinct_codec
from tickets.channels.email.parsing.encoding.parameters import normalise_media_type, parse_value
from tickets.channels.email.parsing.encoding.transfer import decode_transfer
from tickets.channels.email.parsing.encoding.wrapping import SIGNED, WRAPPED, extract_wrapped_content
from tickets.channels.email.parsing.headers import Headers, split_mail, split_part

DELIMITER_TAIL = rb"[ \t]*(--)?[ \t]*\r*(?:\n|\Z)"
LINE_FEED, CARRIAGE_RETURN = 0x0A, 0x0D
GUESSED_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n(?=[A-Za-z-]{4,40}:|\r?\n)")


@dataclass(slots=True, eq=False)
class Part:
    """One node of a mail: its header fields, and either children or an encoded body."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    disposition: str
    file_name: str
    raw: bytes = b""
    children: list[Part] = field(default_factory=list)
    broken: bool = False  # a multipart without parts, whose body is shown as text

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/") and not self.broken

    @property
    def content_id(self) -> str:
        return self.headers.get("content-id")[:500].decode("utf-8", "replace").strip().strip("<>").strip()

    def content(self, defects: list[str]) -> bytes:
        """Return the body, with its transfer encoding decoded."""
        return decode_transfer(self.raw, self.headers.text("content-transfer-encoding"), defects)

    def walk(self) -> Iterator[Part]:
        """Yield this part and all parts below it, in the order of the mail."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


class Splitter:
    """Split one mail into parts, count them, and record defects."""

    def __init__(self, raw: bytes, decoder: Decoder, defects: list[str]) -> None:
        self.raw = raw
        self.decoder = decoder
        self.defects = defects
        self.count = 0
        self.body_start = 0

    def split(self) -> Part:
        headers, self.body_start = split_mail(self.raw, self.defects)
        return self._build_part(headers, self.body_start, len(self.raw), 0, "text/plain")

    def _build_part(self, headers: Headers, start: int, end: int, depth: int, default_type: str) -> Part:
        self.count += 1
        part = self._build_leaf(headers, default_type)
        if part.is_multipart and depth >= limits.NESTING:
            self.defects.append("parts nested too deeply: the inner ones are kept as one attachment")
            part.content_type = "application/octet-stream"
        if part.is_multipart:
            self._split_children(part, start, end, depth)
        if not part.children:
            part.raw = self.raw[start:end]
            if part.content_type in WRAPPED and depth < limits.NESTING:
                self._unwrap(part, depth)
        return part

    def _unwrap(self, part: Part, depth: int) -> None:
        """Read the part inside a wrapping signature; the signed whole is kept next to it as an attachment."""
        inner = extract_wrapped_content(part.content(self.defects))
        if not inner:
            return
        whole = Part(part.headers, part.content_type, part.parameters, "attachment", part.file_name, part.raw)
        splitter = Splitter(inner, self.decoder, self.defects)
        splitter.count = self.count
        headers, body = split_part(inner, 0, len(inner), self.defects)
        child = splitter._build_part(headers, body, len(inner), depth + 1, "text/plain")
        self.count = splitter.count
        part.content_type, part.parameters, part.raw = "multipart/mixed", {"wrapped": SIGNED}, b""
        part.children = [child, whole]

    def _build_leaf(self, headers: Headers, default_type: str) -> Part:
        value, parameters = parse_value(headers.get("content-type"), self.decoder)
        disposition, about_file = parse_value(headers.get("content-disposition"), self.decoder)
        name = about_file.get("filename") or parameters.get("name") or about_file.get("name", "")
        kind = normalise_media_type(value, default_type)
        if kind.startswith("text/") and not self.decoder.fallback:
            self.decoder.fallback = find_distinct_codec(parameters.get("charset", ""))
        return Part(headers, kind, parameters, disposition, name)

    def _split_children(self, part: Part, start: int, end: int, depth: int) -> None:
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        spans = self._find_spans(part.parameters.get("boundary", ""), start, end)
        if not spans and self._split_encoded(part, start, end, depth):
            return
        if not spans and (guess := GUESSED_BOUNDARY.search(self.raw, max(start - 1, 0), end)):
            self.defects.append("the boundary between parts was guessed")
            spans = self._find_spans(guess[1].decode("latin-1"), start, end)
        for child_start, child_end in spans:
            if self.count >= limits.PARTS:
                self.defects.append("too many parts: only the first were read")
                break
            headers, body = split_part(self.raw, child_start, child_end, self.defects)
            part.children.append(self._build_part(headers, body, child_end, depth + 1, default))
        if not part.children:
            self.defects.append("a multipart without parts")
            part.broken = True

    def _split_encoded(self, part: Part, start: int, end: int, depth: int) -> bool:
        """Read a multipart that is encoded as a whole, which RFC 2045 forbids but some programs do."""
        encoding = part.headers.text("content-transfer-encoding")
        if "base64" not in encoding and "quoted" not in encoding:
            return False
        inner = decode_transfer(self.raw[start:end], encoding, self.defects)
        splitter = Splitter(inner, self.decoder, self.defects)
        splitter.count = self.count
        whole = Part(Headers([]), part.content_type, part.parameters, "", "")
        splitter._split_children(whole, 0, len(inner), depth)
        self.count = splitter.count
        part.children = whole.children
        return bool(whole.children)

    def _find_spans(self, boundary: str, start: int, end: int) -> list[tuple[int, int]]:
        """Return the start and end offset of each child. The last may lack its closing line."""
        if not boundary:
            return []
        spans: list[tuple[int, int]] = []
        child_start = -1
        for line_start, line_end, closing in self._find_delimiters(boundary, start, end):
            if child_start >= 0:
                spans.append((child_start, max(child_start, line_start)))
            child_start = -1 if closing else line_end
            if len(spans) > limits.PARTS:
                return spans
        if child_start >= 0:
            self.defects.append("the last part has no end")
            spans.append((child_start, end))
        return spans

    def _find_delimiters(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Yield for each delimiter line the end before it, the start after it, and whether it is the last."""
        mark = re.escape(b"--" + boundary.encode("utf-8", "replace"))
        # The pattern begins with the literal mark, which makes the search fast; then checks what precedes it.
        line = re.compile(mark + rb"(?<![^\r\n]" + mark + rb")" + DELIMITER_TAIL)
        for match in line.finditer(self.raw, start, end):
            before = match.start()
            before -= before > start and self.raw[before - 1] == LINE_FEED
            before -= before > start and self.raw[before - 1] == CARRIAGE_RETURN
            yield before, match.end(), bool(match[1])
