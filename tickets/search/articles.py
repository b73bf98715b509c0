"""Search the FAQ: by whole words, beginnings of words, related words, and in spite of typing errors."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tickets.platform.sql import load_rows

MOST_WORDS, LONGEST_WORD = 12, 40
SHORTEST_BEGINNING = 3  # letters of a word that may go on
SHORTEST_ROOT = 4  # of a stem or a family's beginning
SHORTEST_WITH_ERROR = 5
FOUND = 30
WORD = re.compile(r"\w+")
FAMILIES = Path(__file__).parent / "word_families.txt"
ASKING = Path(__file__).parent / "asking_words.txt"
# Endings that PostgreSQL's stemmers leave on: livraison and livrer, delivery and deliver are one word.
ENDINGS = "(aison|ison|ment|ation|eri|abl|eur|er)$"

# How each typed word fits each word of the articles. Raw SQL, because one statement compares all pairs.
MATCH_SQL = f"""
WITH given AS (
    SELECT n, tandem_sort_key(word) AS word, array_remove(ARRAY[
        (ts_lexize('english_stem', tandem_sort_key(word)))[1],
        tandem_sort_key((ts_lexize('french_stem', lower(word)))[1]),
        (ts_lexize('french_stem', tandem_sort_key(word)))[1]
    ], NULL) AS stems
    FROM unnest(%(words)s::text[]) WITH ORDINALITY AS given(word, n)
    WHERE ts_lexize(%(own_stemmer)s::regdictionary, lower(word)) <> '{{}}'
),
typed AS MATERIALIZED (
    SELECT n, word, stems,
        ARRAY(SELECT stem FROM unnest(stems) AS stem WHERE length(stem) >= {SHORTEST_ROOT}) AS long_stems,
        ARRAY(SELECT root FROM unnest(stems) AS stem, regexp_replace(stem, '{ENDINGS}', '') AS root
            WHERE length(root) >= {SHORTEST_ROOT}) AS roots
    FROM given
),
families AS MATERIALIZED (
    SELECT * FROM unnest(%(places)s::int[], %(langs)s::text[], %(roots)s::text[]) AS f(n, lang, root)
),
texts AS (
    SELECT id, lang, part, text FROM tickets_article CROSS JOIN LATERAL (VALUES
        ('en', 'name', name_en), ('en', 'text', text_en), ('fr', 'name', name_fr), ('fr', 'text', text_fr)
    ) AS t(lang, part, text) WHERE is_public AND text <> ''
),
article_words AS MATERIALIZED (
    SELECT id, lang, part, lexeme FROM texts CROSS JOIN LATERAL unnest(
        to_tsvector('simple', translate(left(text, 100000), '’', ' ')))
),
vocabulary AS MATERIALIZED (
    SELECT lang, lexeme, tandem_sort_key(lexeme) AS word,
        tandem_sort_key((ts_lexize(CASE lang WHEN 'en' THEN 'english_stem'::regdictionary
            ELSE 'french_stem'::regdictionary END, lexeme))[1]) AS stem
    FROM (SELECT DISTINCT lang, lexeme FROM article_words) AS words
),
words AS MATERIALIZED (
    SELECT *, regexp_replace(stem, '{ENDINGS}', '') AS root FROM vocabulary WHERE stem IS NOT NULL
),
fits AS MATERIALIZED (
    SELECT t.n, w.lang, w.lexeme, t.word AS typed, w.word, CASE
        WHEN w.word = t.word THEN 'same'
        WHEN w.stem = ANY (t.stems) THEN 'form'
        WHEN length(t.word) >= {SHORTEST_BEGINNING} AND starts_with(w.word, t.word) THEN 'beginning'
        WHEN w.root = ANY (t.roots)
            OR EXISTS (SELECT FROM unnest(t.long_stems) AS stem WHERE starts_with(w.word, stem)) THEN 'root'
        WHEN EXISTS (SELECT FROM families f WHERE f.n = t.n AND f.lang = w.lang AND (
            w.word IN (f.root, f.root || 's')
            OR (length(f.root) >= {SHORTEST_ROOT} AND starts_with(w.word, f.root))
        )) THEN 'family'
        WHEN length(t.word) >= {SHORTEST_WITH_ERROR} AND left(w.word, 1) = left(t.word, 1)
            AND abs(length(w.word) - length(t.word)) <= 2 AND similarity(w.word, t.word) >= 0.2 THEN 'like'
        END AS how
    FROM typed t CROSS JOIN words w
)
SELECT n, id AS article_id, fits.lang = %(language)s AS is_own_language, part = 'name' AS is_in_name,
    typed, word, how
FROM fits JOIN article_words USING (lang, lexeme) WHERE how IS NOT NULL
"""  # noqa: S608  (a constant)
WEIGHTS = {"same": 1.0, "form": 0.9, "beginning": 0.7, "root": 0.6, "like": 0.4, "family": 0.4}


class Fit(NamedTuple):
    """How the typed word at place `n` fits a word of an article."""

    n: int
    article_id: int
    is_own_language: bool
    is_in_name: bool
    typed: str
    word: str
    how: str

    @property
    def is_sure(self) -> bool:
        """Whether the article has the typed word itself, in any form."""
        return self.how not in ("like", "family")

    @property
    def is_plausible(self) -> bool:
        """Whether a word that only looks like the typed one (`like`) may be a typing error for it."""
        return self.how != "like" or is_typing_error(self.typed, self.word)

    @property
    def weight(self) -> float:
        return WEIGHTS[self.how] * (2 if self.is_in_name else 1) * (1.2 if self.is_own_language else 1)


@dataclass(frozen=True)
class Answers:
    """Ids of articles, best first. `are_near`: no article has a typed word, these are only the nearest."""

    ids: list[int]
    are_near: bool = False


def find_articles(text: str, *, language: str) -> Answers:
    """Return the public articles that match the typed words, in either language.

    A typed word is found as it is, in another form, as a beginning, by its root, by a related word, or with a
    letter or two wrong; the last only where it fits nothing better, the other language only where it fits
    nothing in the reader's own. An article must have half of the words that fit anything.
    """
    words = split_words(text)
    if not words:
        return Answers([])
    fits = [fit for fit in _load_fits(words, language) if fit.is_plausible]
    sure = {fit.n for fit in fits if fit.is_sure}
    sure_here = {fit.n for fit in fits if fit.is_sure and fit.is_own_language}
    fits = [fit for fit in fits if fit.is_own_language or fit.n not in sure_here]
    fits = [fit for fit in fits if fit.how != "like" or fit.n not in sure]
    return Answers(_rank_articles(fits), are_near=bool(fits) and not sure)


def split_words(text: str) -> list[str]:
    """Return the words of a search, without question words (how, when …) unless there are no others."""
    words = list(dict.fromkeys(word[:LONGEST_WORD] for word in WORD.findall(text.replace("\x00", " "))))
    telling = [word for word in words if _fold(word) not in _load_asking_words()]
    return (telling or words)[:MOST_WORDS]


def is_typing_error(typed: str, meant: str) -> bool:
    """Tell whether `typed` may be `meant` with one wrong letter, or two in a long word.

    The first letter must be right: people notice an error there.
    """
    allowed = 2 if len(typed) >= 8 else 1
    if typed[:1] != meant[:1] or len(meant) < SHORTEST_WITH_ERROR - 1:
        return False
    return _distance(typed, meant) <= allowed


def _load_fits(words: Sequence[str], language: str) -> list[Fit]:
    related = [(n, *root) for n, word in enumerate(words, 1) for root in _related_roots(_fold(word))]
    values: dict[str, Any] = {
        "words": list(words),
        "places": [n for n, _lang, _root in related],
        "langs": [lang for _n, lang, _root in related],
        "roots": [root for _n, _lang, root in related],
        "language": language,
        "own_stemmer": "french_stem" if language == "fr" else "english_stem",
    }
    return load_rows(Fit, MATCH_SQL, values)


def _rank_articles(fits: Iterable[Fit]) -> list[int]:
    best: dict[int, dict[int, float]] = defaultdict(dict)
    for fit in fits:
        of_article = best[fit.article_id]
        of_article[fit.n] = max(of_article.get(fit.n, 0), fit.weight)
    found = len({n for of_article in best.values() for n in of_article})
    enough = [(pk, places) for pk, places in best.items() if 2 * len(places) >= found]
    enough.sort(key=lambda row: (-sum(row[1].values()), row[0]))
    return [pk for pk, _places in enough[:FOUND]]


def _related_roots(word: str) -> set[tuple[str, str]]:
    """Return (language, beginning) for each word in the families to which `word` belongs."""
    related: set[tuple[str, str]] = set()
    for family in _load_families():
        if any(_is_in_family(word, root) for _lang, root in family):
            related |= family
    return related


def _is_in_family(word: str, root: str) -> bool:
    if len(root) < SHORTEST_ROOT:
        return word in (root, f"{root}s")
    if word.startswith(root) or (len(word) >= SHORTEST_ROOT and root.startswith(word)):
        return True
    if len(word) < SHORTEST_WITH_ERROR or len(root) < SHORTEST_WITH_ERROR or word[0] != root[0]:
        return False
    return any(_distance(word[:length], root) <= 1 for length in (len(root) - 1, len(root), len(root) + 1))


@cache
def _load_families() -> list[frozenset[tuple[str, str]]]:
    return [
        frozenset(
            (lang, root)
            for lang, roots in zip(("fr", "en"), line.split("|"), strict=True)
            for root in roots.split()
        )
        for line in _load_lines(FAMILIES)
    ]


@cache
def _load_asking_words() -> frozenset[str]:
    return frozenset(word for line in _load_lines(ASKING) for word in line.split())


def _load_lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _fold(word: str) -> str:
    """Return a word in lower case without accents, as the database folds it."""
    plain = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _distance(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, its in enumerate(other, 1):
            cost = min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
