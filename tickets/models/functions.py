"""Our SQL functions as expressions: immutable wrappers that generated columns and indexes may use."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import CharField, Expression, Func

# New words wait in a list that each search reads whole: of this many kB at most, where 4 MB are the default.
PENDING_KIB = 256


class SortKey(Func):
    """Lower case without accents: names sort and match by it whatever the server's locale."""

    function = "tandem_sort_key"


class SearchVector(Func):
    """The searchable words of a text in its language: SearchVector("language", "text")."""

    function = "tandem_search_vector"
    output_field = SearchVectorField()

    def __init__(self, language: str | Expression, text: str | Expression, **extra: Any) -> None:
        super().__init__(language, text, **extra)


class Literal(Expression):
    """A lower-case word of ours written into the query instead of sent beside it.

    A partial index on `state IN ('new', 'open')` serves a prepared query only if the plan can see the words.
    """

    def __init__(self, word: str) -> None:
        super().__init__(output_field=CharField())
        if not word.replace("_", "").isalpha():
            raise ValueError(f"{word!r} is not a plain word.")
        self.word = str(word)

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[()]]:
        return f"'{self.word}'", ()


def write_literals(words: Iterable[str]) -> list[Literal]:
    """Return each word as an expression, for `filter(state__in=written(ACTIVE))`."""
    return [Literal(word) for word in words]
