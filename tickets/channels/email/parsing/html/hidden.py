"""What a mail hides from its reader: the preview line of newsletters, parts for other programs."""

import re

from tickets.channels.email.parsing.html.tokens import attribute
from tickets.channels.email.reading.wordlist import words

LIKELY = re.compile(r"hidden|none|opacity|max-height", re.IGNORECASE)
HIDES = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?(?![\d.]))",
    re.IGNORECASE,
)
NO_HEIGHT = re.compile(r"(?<![\w-])max-height\s*:\s*0(?:\.0*)?(?:px|em|pt|%)?\s*(?:;|!|$)", re.IGNORECASE)
NO_OVERFLOW = re.compile(r"(?<![\w-])overflow\s*:\s*hidden", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.IGNORECASE)
# The whole mail is never hidden, and what has no end tag hides nothing but itself.
NEVER = words(
    "html head body area base br col embed hr img input link meta param source track wbr style script"
)
ATTRIBUTE_CHARACTERS = 2_000


def hides(style: str) -> bool:
    """Tell whether a style keeps an element from being seen."""
    return bool(HIDES.search(style) or (NO_HEIGHT.search(style) and NO_OVERFLOW.search(style)))


class HiddenPart:
    """Follow the tags of an HTML text and tell whether the place reached is hidden."""

    def __init__(self) -> None:
        self.tag = ""
        self.depth = 0

    def covers(self, name: str, attributes: str) -> bool:
        """Take the next tag; return whether it lies in a hidden part. Tags that close one still do."""
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
    return hides(attribute(attributes, "style")) or bool(HIDDEN.search(QUOTED.sub("", attributes)))
