"""Guess whether a text is English or French, by its most frequent words."""

import re

from tickets.channels.email.reading.wordlist import split_words

WORD = re.compile(r"[^\W\d_]+")
CHARACTERS = 4_000
# Frequent words that the other common languages do not share.
FRENCH = split_words(
    """
    je vous nous est les des une mon votre avec pour dans pas cette bonjour merci sur qui mais bien tout
    vos notre j ai avez suis c d l n qu au aux être fait très cordialement ma mes ce il elle ils madame
    monsieur svp salut depuis toujours
    """
)
ENGLISH = split_words(
    """
    the you and is are my your with for this that have not hello thanks thank please we it be can from hi
    dear regards was would could when what how but they our has been get will just still don't i of any
    there if
    """
)
OTHERS = split_words(
    """
    und nicht ich sie der das ist für mit wir el los las por para usted gracias hola não você obrigado uma
    il che sono per grazie het een niet voor met och inte att som jeg ikke og det jest nie się
    """
)


def guess_language(text: str) -> str:
    """Return "en", "fr", or "" for another language or if it is unclear."""
    found_words = WORD.findall(text[:CHARACTERS].lower().replace("’", "'"))
    counts = {
        "fr": sum(map(FRENCH.__contains__, found_words)),
        "en": sum(map(ENGLISH.__contains__, found_words)),
        "": sum(map(OTHERS.__contains__, found_words)),
    }
    first, second = sorted(counts, key=lambda language: -counts[language])[:2]
    return first if counts[first] >= 1 and counts[first] > 1.5 * counts[second] else ""
