"""Our SQL functions as expressions: immutable wrappers that generated columns and indexes may use."""

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Expression, Func


class SortKey(Func):
    """Lower case without accents: names sort and match by it whatever the server's locale."""

    function = "tandem_sort_key"


class SearchVector(Func):
    """The searchable words of a text in its language: SearchVector("language", "text")."""

    function = "tandem_search_vector"
    output_field = SearchVectorField()

    def __init__(self, language: str | Expression, text: str | Expression, **extra: Any) -> None:
        super().__init__(language, text, **extra)
