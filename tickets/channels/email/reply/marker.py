"""The marker line that our own mails have at their top: in an answer, what is above it is new."""

import re

# The first line of every mail that can be answered; `find_marker` recognises it in any quoting.
REPLY_MARKERS = {
    "en": "##- Please write your reply above this line -##",
    "fr": "##- Écrivez votre réponse au-dessus de cette ligne -##",
}
# Our markers, and similar ones of other systems.
MARKER = re.compile(
    r"""(?:
        (?:please\s+)?(?:write|type|enter|reply|respond|answer|add)\b.{0,60}\babove\s+this\s+line
        |.{0,60}\bau-dessus\s+de\s+cette\s+ligne
        |.{0,60}\büber\s+dieser\s+(?:zeile|linie)
        |.{0,60}\bpor\s+encima\s+de\s+esta\s+línea
    )\b.{0,40}$""",
    re.VERBOSE | re.IGNORECASE,
)


HINT = re.compile(r"above|dessus|über|encima", re.IGNORECASE)  # every marker has one of these words


def find_marker(lines: list[str]) -> int:
    """Return the number of the first marker line, or -1. Longer lines are sentences about a line."""
    for number, line in enumerate(lines):
        if 15 < len(line) < 160 and HINT.search(line) and MARKER.match(line.lstrip(" \t>|*#_=~+–—-")):
            return number
    return -1
