"""Find the new text in the plain text of a mail, if the HTML of the same mail shows which it is."""

import re

WORD = re.compile(r"\w+")


def find_matching_start(text: str, new: str) -> str:
    """Return the first lines of `text` that have the words of `new`, or "" if `text` begins otherwise."""
    wanted = WORD.findall(new)
    words = WORD.finditer(text)
    end = 0
    for word in wanted:
        match = next(words, None)
        if match is None or match[0] != word:
            return ""
        end = match.end()
    line_end = text.find("\n", end)
    return text[: line_end if line_end >= 0 else len(text)].strip("\n") if end else ""
