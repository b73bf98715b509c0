"""Split HTML into tags and texts in one pass, without building a tree, so that depth does not matter."""

import re
from collections.abc import Iterator
from html import unescape

MARKUP = re.compile(r"<(?=/?[a-zA-Z]|[!?])")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
QUOTE_OR_END = re.compile(r"=\s{0,20}([\"'])|>")
ATTRIBUTE = re.compile(r"([a-zA-Z_:][-\w:.]{0,60})\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
RAW_TEXT = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "title", "xmp", "template")
}

type Token = tuple[str, str]  # name and attributes of a tag ("/name" closes it), or "" and text


def tokenise(html: str) -> Iterator[Token]:
    """Yield tags and texts in order, without comments, declarations, and content of scripts and styles."""
    scanner = _Scanner(html)
    position = 0
    while (markup := MARKUP.search(html, position)) is not None:
        start = markup.start()
        tag = TAG.match(html, start)
        end = scanner.end_of_markup(start) if tag is None else start
        if end < 0:  # no ">" follows, so no more tags either
            break
        if start > position:
            yield "", html[position:start]
        if tag is None:
            position = end
            continue
        end = scanner.end_of_tag(tag.end())
        name = tag[2].lower()
        yield tag[1] + name, html[tag.end() : end]
        position = end + 1
        if not tag[1] and name in RAW_TEXT:
            position = scanner.end_of_raw_text(name, position)
    if position < len(html):
        yield "", html[position:]


def read_attribute(attributes: str, name: str) -> str:
    """Return the value of one attribute of a tag, or ""."""
    if name not in attributes and name not in attributes.lower():
        return ""
    for match in ATTRIBUTE.finditer(attributes):
        if match[1].lower() == name:
            return unescape(match[2] or match[3] or match[4] or "")
    return ""


class _Scanner:
    """Find ends of tags. A failed search is not repeated, so that hostile input takes linear time."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.missing: set[str] = set()

    def end_of_tag(self, position: int) -> int:
        """Return the position of a tag's ">", after quoted values; the end of the text if there is none."""
        first = current = position
        while (mark := QUOTE_OR_END.search(self.html, current)) is not None:
            if mark[1] is None:
                return mark.start()
            close = self.find(mark[1], mark.end())
            if close < 0:  # the quote never closes: take the first ">"
                close = self.find(">", first)
                return close if close >= 0 else len(self.html)
            current = close + 1
        return len(self.html)

    def end_of_markup(self, start: int) -> int:
        """Return the position after a comment or declaration, or -1 if it is never closed."""
        if self.html.startswith("<!--", start):
            close = self.find("-->", start + 4)
            if close >= 0:
                return close + 3
        close = self.find(">", start)
        return close + 1 if close >= 0 else -1

    def end_of_raw_text(self, name: str, position: int) -> int:
        if name in self.missing:
            return position
        close = RAW_TEXT[name].search(self.html, position)
        if close is None:
            self.missing.add(name)
            return position
        return close.start()

    def find(self, text: str, position: int) -> int:
        if text in self.missing:
            return -1
        place = self.html.find(text, position)
        if place < 0:
            self.missing.add(text)
        return place
