"""New rows of several tables, numbered before they are written and written together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import groupby
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)
from django.db.models.expressions import DatabaseDefault, RawSQL
from psycopg import RawCursor
from psycopg.types.numeric import Int8

AnyField = Field[Any, Any]
# A table, how many rows, which of its columns, whether they may be there already, whether they are numbered.
Shape = tuple[type[Model], int, tuple[bool, ...], bool, bool]

AS_THEY_ARE = (BooleanField, DateTimeField, FloatField, UUIDField)


class BulkInsert:
    """Rows that belong together: each has its primary key when it is added, and `write` inserts them all.

    A mail that opens a ticket writes rows of eight tables. Each statement of its own would cost a round trip
    and a plan, and the ORM's composing of it several times that. The one statement is composed once for each
    combination of tables and columns. No signal is sent, and what the database fills in is not read back.
    """

    def __init__(self) -> None:
        self._numbers: dict[type[Model], list[int]] = {}
        self._rows: list[_New] = []
        self._changes: list[tuple[str, Sequence[Any]]] = []

    def draw(self, *models: type[Model]) -> None:
        """Draw a number for each of `models`, in one query; rows beyond these draw theirs when added."""
        for model, number in zip(models, _draw(models), strict=True):
            self._numbers.setdefault(model, []).append(number)

    def take(self, model: type[Model], number: int) -> None:
        """Take a number that was drawn in a query of the caller's, by `next_number`."""
        self._numbers.setdefault(model, []).append(number)

    def add[Row: Model](self, row: Row, *, unless_there: bool = False) -> Row:
        """Take a row in, and number it. With `unless_there` it is left out where an equal one exists."""
        model = type(row)
        if not self._numbers.get(model):
            self.draw(model)
        row.pk = self._numbers[model].pop()
        self._rows.append(_New(row, unless_there))
        return row

    def change(self, statement: str, values: Sequence[Any]) -> None:
        """Take in an UPDATE of rows that exist, to be made in the same statement."""
        self._changes.append((statement, values))

    def write(self, *unnumbered: Model) -> None:
        """Insert what was added, and rows of one table more, which get the numbers the database gives."""
        rows = [*self._rows, *(_New(row) for row in unnumbered)]
        groups = [_Group(list(members)) for _shape, members in groupby(rows, key=_shape_of)]
        values = [value for _statement, values in self._changes for value in values]
        values += [value for group in groups for value in group.values]
        changes = tuple(statement for statement, _values in self._changes)
        self._rows, self._changes = [], []
        if changes or groups:
            numbers = _execute(changes, tuple(group.shape for group in groups), values)
            for row, number in zip(unnumbered, numbers, strict=True):
                row.pk = number
        for new in rows:
            mark_written(new.row, new.row.pk)


def next_number(model: type[Model]) -> RawSQL:
    """Return the expression that draws a number for a new row of `model`."""
    return RawSQL(_next(model), (), BigIntegerField())  # noqa: S611  (names of our own tables)


def mark_written(row: Model, number: Any) -> None:
    """Say that a row is in the database under this primary key, as saving it by the ORM would."""
    row.pk, row._state.adding, row._state.db = number, False, DEFAULT_DB_ALIAS


def save_or_add(row: Model, beside: BulkInsert | None) -> None:
    """Save a new row at once, or add it to those that the caller writes."""
    if beside is None:
        row.save(force_insert=True)
    else:
        beside.add(row)


class _New(NamedTuple):
    row: Model
    unless_there: bool = False


class _Group:
    """Rows of one table that stand in one list of values."""

    def __init__(self, rows: Sequence[_New]) -> None:
        model = type(rows[0].row)
        lines = [[vars(new.row).get(column.attname) for column in _columns(model)] for new in rows]
        # What is None, or the database's to say, is left out: the column's default is that.
        used = [
            not all(v is None or isinstance(v, DatabaseDefault) for v in c) for c in zip(*lines, strict=True)
        ]
        converters = _converters(model)
        self.values = [
            value if value is None else convert(value)
            for line in lines
            for value, convert, is_used in zip(line, converters, used, strict=True)
            if is_used
        ]
        self.shape: Shape = (model, len(rows), tuple(used), rows[0].unless_there, rows[0].row.pk is not None)


def _shape_of(new: _New) -> tuple[type[Model], bool, bool]:
    return type(new.row), new.unless_there, new.row.pk is None


def _draw(models: tuple[type[Model], ...]) -> list[int]:
    if not models:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_drawing(models))
        return list(cursor.fetchone())


def _execute(changes: tuple[str, ...], shapes: tuple[Shape, ...], values: list[Any]) -> list[int]:
    """Run the statement; return the numbers that the database gave to the last table's rows.

    psycopg takes a statement of more than 50 values apart anew each time, unless its places are numbered.
    """
    statement = _statement(changes, shapes)
    if connection.queries_logged:  # Django's log of statements knows its own marks only
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return _numbers(cursor)
    connection.ensure_connection()
    with connection._prepare_cursor(RawCursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(_numbered(statement), values)
        return _numbers(cursor)


def _numbers(cursor: Any) -> list[int]:
    return [number for (number,) in cursor.fetchall()] if cursor.description else []


@cache
def _drawing(models: tuple[type[Model], ...]) -> str:
    return f"SELECT {', '.join(_next(model) for model in models)}"


def _next(model: type[Model]) -> str:
    return f"nextval('{model._meta.db_table}_{model._meta.pk.column}_seq')"


@cache
def _columns(model: type[Model]) -> tuple[AnyField, ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.generated)


@cache
def _converters(model: type[Model]) -> tuple[Callable[[Any], Any], ...]:
    """Return for each column what makes a value ready for the database."""
    return tuple(_converter(column) for column in _columns(model))


def _converter(column: AnyField) -> Callable[[Any], Any]:
    """The ORM's own way takes several times as long for the plain kinds."""
    if isinstance(column, (ForeignKey, IntegerField)):
        return Int8  # one type for all: the size of a number must not make it another statement
    if type(column) in (CharField, TextField):
        return str
    if type(column) in AS_THEY_ARE:
        return lambda value: value
    return partial(column.get_db_prep_save, connection=connection)


@cache
def _numbered(statement: str) -> str:
    """Return a statement with $1, $2, … in its places."""
    first, *rest = statement.split("%s")
    return first + "".join(f"${place}{text}" for place, text in enumerate(rest, 1))


@cache
def _statement(changes: tuple[str, ...], shapes: tuple[Shape, ...]) -> str:
    *earlier, last = [*changes, *(_one_table(*shape) for shape in shapes)]
    if not earlier:
        return last
    # Each part sees the tables as they were before: foreign keys are checked when the transaction commits.
    return f"WITH {', '.join(f'w{place} AS ({one})' for place, one in enumerate(earlier))} {last}"


def _one_table(
    model: type[Model], count: int, used: tuple[bool, ...], unless_there: bool, is_numbered: bool
) -> str:
    names = [f'"{c.column}"' for c, is_used in zip(_columns(model), used, strict=True) if is_used]
    places = f"({', '.join(['%s'] * len(names))})"
    ending = " ON CONFLICT DO NOTHING" if unless_there else ""
    ending += "" if is_numbered else f' RETURNING "{model._meta.pk.column}"'
    return (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)}) '  # noqa: S608  (names of our own tables)
        f"VALUES {', '.join([places] * count)}{ending}"
    )
