"""Run statements written by hand; rows come back as named tuples of a class that states their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connection
from psycopg.pq import Format

type Parameters = Mapping[str, Any] | Sequence[Any]


def load_rows[R: tuple[Any, ...]](
    row: type[R], statement: str, parameters: Parameters = (), *, as_binary: bool = False
) -> list[R]:
    """Execute one statement and return its rows; `row` is a NamedTuple class.

    `as_binary` lets the values travel in PostgreSQL's binary format, in which psycopg reads long arrays in
    half of the time. Raises TypeError when the columns are not the fields of `row`, in the same order: the
    class would say something false.
    """
    named = cast("Any", row)  # typing has no name for "a NamedTuple class"
    with connection.cursor() as cursor:
        if as_binary:
            cursor.cursor.format = Format.BINARY
        cursor.execute(statement, parameters)
        columns = tuple(column.name for column in cursor.description)
        if columns != named._fields:
            raise TypeError(f"{row.__name__} has the fields {named._fields}, the statement gives {columns}.")
        return [named._make(values) for values in cursor.fetchall()]


def load_row[R: tuple[Any, ...]](
    row: type[R], statement: str, parameters: Parameters = (), *, as_binary: bool = False
) -> R:
    """Execute a statement that always gives one row, and return it. Raises ValueError for none or more."""
    (found,) = load_rows(row, statement, parameters, as_binary=as_binary)
    return found


def load_column[V](kind: type[V], statement: str, parameters: Parameters = ()) -> list[V]:
    """Execute a statement of one column, whose values are of the type `kind`, and return them."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[V] = [value for (value,) in cursor.fetchall()]
        return found


def load_value[V](kind: type[V], statement: str, parameters: Parameters = ()) -> V:
    """Execute a statement that always gives one value of the type `kind`, and return it."""
    (found,) = load_column(kind, statement, parameters)
    return found


def execute_update(statement: str, parameters: Parameters = ()) -> int:
    """Execute one statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def format_array(values: Iterable[int]) -> str:
    """Return whole numbers as PostgreSQL writes an array: a long list is passed so in a tenth of the time."""
    return "{" + ",".join(map(str, values)) + "}"
