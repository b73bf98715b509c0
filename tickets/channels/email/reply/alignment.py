"""Find in the plain text what the HTML of the same mail showed to be new."""

import re

WORD = re.compile(r"\w+")


def beginning_like(text: str, new: str) -> str:
    """Return the lines at the beginning of text that have the words of new; "" if it begins otherwise."""
    wanted = WORD.findall(new)
    words = WORD.finditer(text)
    end = 0
    for word in wanted:
        found = next(words, None)
        if found is None or found[0] != word:
            return ""
        end = found.end()
    line_end = text.find("\n", end)
    return text[: line_end if line_end >= 0 else len(text)].strip("\n") if end else ""
