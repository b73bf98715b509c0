"""Recognise hidden parts of HTML, such as the preview line of newsletters."""

import re

from tickets.channels.email.parsing.html.tokens import read_attribute
from tickets.channels.email.reading.wordlist import split_words

LIKELY = re.compile(r"hidden|none|opacity|max-height", re.IGNORECASE)
HIDES = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?(?![\d.]))",
    re.IGNORECASE,
)
NO_HEIGHT = re.compile(r"(?<![\w-])max-height\s*:\s*0(?:\.0*)?(?:px|em|pt|%)?\s*(?:;|!|$)", re.IGNORECASE)
NO_OVERFLOW = re.compile(r"(?<![\w-])overflow\s*:\s*hidden", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.IGNORECASE)
# Elements that would hide the whole mail, and those without an end tag, which contain nothing.
NEVER = split_words(
    "html head body area base br col embed hr img input link meta param source track wbr style script"
)
ATTRIBUTE_CHARACTERS = 2_000


def hides_element(style: str) -> bool:
    """Return whether a style attribute hides its element."""
    return bool(HIDES.search(style) or (NO_HEIGHT.search(style) and NO_OVERFLOW.search(style)))


class HiddenPart:
    """Track the tags of an HTML text, to know whether the current position is hidden."""

    def __init__(self) -> None:
        self.tag = ""
        self.depth = 0

    def covers(self, name: str, attributes: str) -> bool:
        """Process the next tag; return whether it is in a hidden part. The tag that closes one still is."""
        if self.depth:
            if name == self.tag:
                self.depth += 1
            elif name == f"/{self.tag}":
                self.depth -= 1
            return True
        if name[0] != "/" and name not in NEVER and LIKELY.search(attributes) and _is_hidden(attributes):
            self.tag, self.depth = name, 1
            return True
        return False


def _is_hidden(attributes: str) -> bool:
    attributes = attributes[:ATTRIBUTE_CHARACTERS]
    return hides_element(read_attribute(attributes, "style")) or bool(
        HIDDEN.search(QUOTED.sub("", attributes))
    )
