"""The line that our own mails carry above everything quoted: what stands over it in an answer is new."""

import re

# Put one of these as the first line of every mail that can be answered; the parser knows them in any quoting.
REPLY_MARKERS = {
    "en": "##- Please write your reply above this line -##",
    "fr": "##- Écrivez votre réponse au-dessus de cette ligne -##",
}
# Ours, and the same idea in the mails of other systems.
MARKER = re.compile(
    r"""(?:
        (?:please\s+)?(?:write|type|enter|reply|respond|answer|add)\b.{0,60}\babove\s+this\s+line
        |.{0,60}\bau-dessus\s+de\s+cette\s+ligne
        |.{0,60}\büber\s+dieser\s+(?:zeile|linie)
        |.{0,60}\bpor\s+encima\s+de\s+esta\s+línea
    )\b.{0,40}$""",
    re.VERBOSE | re.IGNORECASE,
)


HINT = re.compile(r"above|dessus|über|encima", re.IGNORECASE)  # a word of every marker


def find_marker(lines: list[str]) -> int:
    """Return the number of the first marker line, or -1. A sentence about a line is longer than a marker."""
    for number, line in enumerate(lines):
        if 15 < len(line) < 160 and HINT.search(line) and MARKER.match(line.lstrip(" \t>|*#_=~+–—-")):
            return number
    return -1
