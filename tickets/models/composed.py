"""Queries of a fixed shape whose SQL is composed once: for the few that every page of the desk asks.

Composing a query by the ORM costs more than running it. A function under `composed` builds its queryset from
its arguments alone, the first time; afterwards the same statement runs with other values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

# Values that stand for an argument while the statement is composed; no row and no constant has them.
BEYOND = 2**63
INTEGER, TEXT, MOMENT = 1_987_650_000, "¤argument-{}¤", datetime(9871, 1, 1, tzinfo=UTC)

type Value = int | str | datetime | tuple[int, ...] | tuple[str, ...]


def composed[**P, R](build: Callable[P, QuerySet[Any, R]]) -> Callable[P, list[R]]:
    """Return a function with the rows of the queryset that `build` returns for the same arguments.

    `build` may read nothing but its arguments: numbers, texts, moments, and tuples of them. It may not
    look at their values either (no `if`), for it is called once for all values; tuples of each length apart.

    Raises:
        TypeError: an argument is of another type.
        ValueError: an argument does not appear in the statement.
    """
    statements: dict[tuple[Any, ...], Statement] = {}

    @wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[R]:
        if kwargs:
            raise TypeError("A composed query takes its values by place.")
        values = cast("tuple[Value, ...]", args)
        shape = tuple(len(value) if isinstance(value, tuple) else None for value in values)
        statement = statements.get(shape)
        if statement is None:
            statement = statements[shape] = Statement(cast("Callable[..., QuerySet[Any]]", build), values)
        return statement.rows(values)

    return rows


class Statement:
    """One composed statement, and where each argument's value goes in it."""

    def __init__(self, build: Callable[..., QuerySet[Any]], values: tuple[Value, ...]) -> None:
        flat = _flat(values)
        marks = [_mark(number, value) for number, value in enumerate(flat)]
        self.queryset: Any = build(*_folded(marks, values))
        self.compiler = self.queryset.query.get_compiler(using=self.queryset.db)
        self.constants: list[Any] = []
        self.places: list[tuple[int, int, type | None]] = []
        try:
            self.sql, params = self.compiler.as_sql()
        except EmptyResultSet:  # as with `queue__in=()`: there can be no row
            self.sql = ""
            return
        self.constants = list(params)
        self.places = [
            (place, marks.index(param), _kept(type(param)))
            for place, param in enumerate(params)
            if isinstance(param, int | str | datetime) and not isinstance(param, bool) and param in marks
        ]
        if missing := set(range(len(flat))) - {number for _place, number, _type in self.places}:
            raise ValueError(f"{build.__name__}: the statement leaves out arguments {sorted(missing)}.")

    def rows(self, values: tuple[Value, ...]) -> list[Any]:
        """Run the statement with these values."""
        if not self.sql:
            return []
        flat, params = _flat(values), self.constants.copy()
        if any(isinstance(value, int) and not -BEYOND <= value < BEYOND for value in flat):
            return []  # no number in the database is as large; the ORM says so too
        for place, number, kept in self.places:
            params[place] = flat[number] if kept is None else kept(flat[number])
        return self._by_the_queryset(params)

    def _by_the_queryset(self, params: list[Any]) -> list[Any]:
        """Run the statement and let the queryset read its rows."""
        compiler = _copy(self.compiler)
        compiler.connection = connections[self.queryset.db]
        compiler.as_sql = lambda *_args, **_kwargs: (self.sql, tuple(params))
        query = _copy(self.queryset.query)
        query.get_compiler = lambda *_args, **_kwargs: compiler
        queryset: Any = _copy(self.queryset)
        queryset._query = query  # its setter would make dictionaries of the rows of values_list()
        return list(queryset)


@contextmanager
def planned_anew() -> Iterator[None]:
    """Have statements planned for their values each time, not prepared: where one plan does not suit all.

    A plan for any word, made after some common ones, reads a whole table for a rare one.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    session: Any = connection.connection
    usual, session.prepare_threshold = session.prepare_threshold, None
    try:
        yield
    finally:
        session.prepare_threshold = usual


def one[M: Model](rows: list[M]) -> M | None:
    """Return the first of the rows, if there is any."""
    return rows[0] if rows else None


def _flat(values: tuple[Value, ...]) -> list[int | str | datetime]:
    flat: list[int | str | datetime] = []
    for value in values:
        flat += value if isinstance(value, tuple) else [value]
    return flat


def _mark(number: int, value: Any) -> int | str | datetime:
    if isinstance(value, str):
        return TEXT.format(number)
    if isinstance(value, datetime):
        return MOMENT.replace(microsecond=number)
    if isinstance(value, int) and not isinstance(value, bool):
        return INTEGER + number
    raise TypeError(f"{value!r} cannot be a composed query's value.")


def _folded(marks: list[Any], values: tuple[Value, ...]) -> list[Any]:
    """Put the marks of a tuple together again."""
    rest = iter(marks)
    return [tuple(next(rest) for _ in value) if isinstance(value, tuple) else next(rest) for value in values]


def _kept(kind: type) -> type | None:
    """Return the type a value must have to be sent as the ORM sends it: integers say how wide they are."""
    return kind if issubclass(kind, int) and kind is not int else None


def _copy(thing: Any) -> Any:
    """Copy an object shallowly: copy.copy() would run a queryset."""
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin
