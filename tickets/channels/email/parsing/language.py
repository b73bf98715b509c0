"""Guess whether a text is English or French by its small words; say nothing about others or when in doubt."""

import re

from tickets.channels.email.reading.wordlist import words

WORD = re.compile(r"[^\W\d_]+")
CHARACTERS = 4_000
# Small words that the other common languages do not share.
FRENCH = words(
    """
    je vous nous est les des une mon votre avec pour dans pas cette bonjour merci sur qui mais bien tout
    vos notre j ai avez suis c d l n qu au aux être fait très cordialement ma mes ce il elle ils madame
    monsieur svp salut depuis toujours
    """
)
ENGLISH = words(
    """
    the you and is are my your with for this that have not hello thanks thank please we it be can from hi
    dear regards was would could when what how but they our has been get will just still don't i of any
    there if
    """
)
OTHERS = words(
    """
    und nicht ich sie der das ist für mit wir el los las por para usted gracias hola não você obrigado uma
    il che sono per grazie het een niet voor met och inte att som jeg ikke og det jest nie się
    """
)


def guess_language(text: str) -> str:
    """Return "en", "fr" or "" (another language, or too little to tell)."""
    said = WORD.findall(text[:CHARACTERS].lower().replace("’", "'"))
    counts = {
        "fr": sum(map(FRENCH.__contains__, said)),
        "en": sum(map(ENGLISH.__contains__, said)),
        "": sum(map(OTHERS.__contains__, said)),
    }
    first, second = sorted(counts, key=lambda language: -counts[language])[:2]
    return first if counts[first] >= 1 and counts[first] > 1.5 * counts[second] else ""
