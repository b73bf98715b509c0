"""Lists of words and phrases, written as running text."""

import re


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def phrases(text: str) -> list[str]:
    """Return what two spaces or line ends set apart: phrases, or patterns of them."""
    return re.split(r"\n\s*|  ", text.strip())
