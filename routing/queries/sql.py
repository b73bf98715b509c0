"""Run a set-based statement and give back its rows by name."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db import connection


def rows(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Execute one statement; return its rows as named tuples, none where it returns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        if cursor.description is None:
            return []
        row = _named(tuple(column.name for column in cursor.description))
        return [row(*values) for values in cursor.fetchall()]


def changed(statement: str, parameters: Mapping[str, Any]) -> int:
    """Execute one statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def numbers(values: Iterable[int]) -> str:
    """Return whole numbers as PostgreSQL writes an array: a long list is passed so in a tenth of the time."""
    return "{" + ",".join(map(str, values)) + "}"


@cache
def _named(names: tuple[str, ...]) -> Any:
    """Return the tuple of these names; making such a class costs more than most statements."""
    return namedtuple("row", names)
