"""Our SQL functions as Django expressions. They are immutable, so generated columns can use them."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import CharField, Expression, Func

# The size in kB of the pending list in which an index collects new words. Each search reads the whole list,
# so it is smaller than PostgreSQL's default of 4 MB.
PENDING_KIB = 256


class SortKey(Func):
    """A text in lower case without accents, to sort and match names independently of the server's locale."""

    function = "tandem_sort_key"


class SearchVector(Func):
    """The tsvector of a text in its language: SearchVector("language", "text")."""

    function = "tandem_search_vector"
    output_field = SearchVectorField()

    def __init__(self, language: str | Expression, text: str | Expression, **extra: Any) -> None:
        super().__init__(language, text, **extra)


class Literal(Expression):
    """A constant lower-case word, written into the SQL instead of sent as a parameter.

    PostgreSQL uses a partial index on `state IN ('new', 'open')` for a prepared statement only if the
    statement contains these words.
    """

    def __init__(self, word: str) -> None:
        super().__init__(output_field=CharField())
        if not word.replace("_", "").isalpha():
            raise ValueError(f"{word!r} is not a plain word.")
        self.word = str(word)

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[()]]:
        return f"'{self.word}'", ()


def write_literals(words: Iterable[str]) -> list[Literal]:
    """Return each word as a Literal, for instance for `filter(state__in=write_literals(ACTIVE))`."""
    return [Literal(word) for word in words]
