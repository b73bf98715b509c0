"""Execute handwritten SQL; rows are returned as named tuples of a class that declares their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connection
from psycopg.pq import Format

type Parameters = Mapping[str, Any] | Sequence[Any]


def load_rows[R: tuple[Any, ...]](
    row: type[R], statement: str, parameters: Parameters = (), *, as_binary: bool = False
) -> list[R]:
    """Execute one statement and return its rows as instances of `row`, a NamedTuple class.

    `as_binary` requests PostgreSQL's binary format, in which psycopg reads long arrays in half of the time.

    Raises:
        TypeError: the columns are not the fields of `row`, in the same order.
    """
    named = cast("Any", row)  # typing cannot express "a NamedTuple class"
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
    """Execute a statement that always returns one row, and return it. Raises ValueError for none or more."""
    (only_row,) = load_rows(row, statement, parameters, as_binary=as_binary)
    return only_row


def load_column[V](kind: type[V], statement: str, parameters: Parameters = ()) -> list[V]:
    """Execute a statement that returns one column, and return its values; `kind` is their type."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        values: list[V] = [value for (value,) in cursor.fetchall()]
        return values


def load_value[V](kind: type[V], statement: str, parameters: Parameters = ()) -> V:
    """Execute a statement that always returns one value, and return it; `kind` is its type.

    Raises ValueError for no row or more than one.
    """
    (value,) = load_column(kind, statement, parameters)
    return value


def execute_update(statement: str, parameters: Parameters = ()) -> int:
    """Execute one statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def format_array(values: Iterable[int]) -> str:
    """Return integers as a PostgreSQL array literal: a long list is passed so in a tenth of the time."""
    return "{" + ",".join(map(str, values)) + "}"
