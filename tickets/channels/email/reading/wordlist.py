"""Lists of words and phrases, written as running text."""

import re


def split_words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def split_phrases(text: str) -> list[str]:
    """Return the phrases or patterns of a text, which are separated by two spaces or line ends."""
    return re.split(r"\n\s*|  ", text.strip())
