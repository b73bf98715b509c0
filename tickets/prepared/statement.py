"""The decorator `prepared`: the ORM composes a query into SQL once, then only its values change.

The ORM takes longer to compose a query than PostgreSQL to execute it. A decorated function builds its
queryset on the first call. Later calls execute the same SQL with other values, and the queryset reads the
rows as usual. Without it these reads cost two to eleven times as much (figures in tickets.prepared).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from tickets.actor import Actor, ActorKind

# Values that take the place of arguments while the statement is composed, and by which its parameters are
# then recognised. So they must occur neither in rows nor as constants.
BIGINT_LIMIT = 2**63
INTEGER, TEXT, MOMENT = 1_987_650_000, "¤argument-{}¤", datetime(9871, 1, 1, tzinfo=UTC)

type Single = int | str | datetime
type Value = Single | tuple[int, ...] | tuple[str, ...] | Actor


def prepared[**P, R](build: Callable[P, QuerySet[Any, R]]) -> Callable[P, list[R]]:
    """Return a function that returns the rows of the queryset that `build` returns for the same arguments.

    `build` may use only its arguments: integers, texts, datetimes, tuples of integers or texts, and an actor
    for `visible_to`. It must not depend on their values (no `if`), since it is called once for all values.
    It is called separately for each length of a tuple, each number of an actor's queues, and administrators.

    The returned function raises:
        TypeError: an argument is of another type, or an actor whose queues have not been read.
        ValueError: an argument does not appear in the statement.
    """
    statements: dict[tuple[Any, ...], Statement] = {}

    @wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[R]:
        if kwargs:
            raise TypeError("A prepared query takes positional arguments only.")
        values = cast("tuple[Value, ...]", args)
        shape = tuple(_describe_shape(value) for value in values)
        statement = statements.get(shape)
        if statement is None:
            statement = statements[shape] = Statement(cast("Callable[..., QuerySet[Any]]", build), values)
        return statement.rows(values)

    return rows


class Statement:
    """One composed statement, and which of its parameters takes which argument.

    Raises ValueError if an argument does not appear in the statement.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], values: tuple[Value, ...]) -> None:
        flat = _flatten(values)
        marks = [_build_mark(number, value) for number, value in enumerate(flat)]
        self.queryset: Any = build(*_fold_marks(marks, values))
        self.compiler = self.queryset.query.get_compiler(using=self.queryset.db)
        self.constants: list[Any] = []
        self.places: list[Place] = []
        try:
            self.sql, params = self.compiler.as_sql()
        except EmptyResultSet:  # such as `queue__in=()`: the result is always empty
            self.sql = ""
            return
        self.constants = list(params)
        self.places = [
            Place(place, marks.index(param), _choose_width(type(param)))
            for place, param in enumerate(params)
            if isinstance(param, int | str | datetime) and not isinstance(param, bool) and param in marks
        ]
        if missing := set(range(len(flat))) - {place.argument for place in self.places}:
            raise ValueError(f"{build.__name__}: the statement leaves out arguments {sorted(missing)}.")

    def rows(self, values: tuple[Value, ...]) -> list[Any]:
        """Execute the statement with these values and return the rows, read by the queryset."""
        if not self.sql:
            return []
        flat, params = _flatten(values), self.constants.copy()
        if any(isinstance(value, int) and not -BIGINT_LIMIT <= value < BIGINT_LIMIT for value in flat):
            return []  # no column can contain such a number; the ORM does the same
        for place in self.places:
            value: Any = flat[place.argument]
            params[place.parameter] = value if place.width is None else place.width(value)
        compiler = _copy_shallow(self.compiler)
        compiler.connection = connections[self.queryset.db]  # this thread's
        compiler.as_sql = lambda *_args, **_kwargs: (self.sql, tuple(params))
        query = _copy_shallow(self.queryset.query)
        query.get_compiler = lambda *_args, **_kwargs: compiler
        queryset: Any = _copy_shallow(self.queryset)
        queryset._query = query  # its setter would make dictionaries of the rows of values_list()
        return list(queryset)


@dataclass(frozen=True)
class Place:
    """Parameter number `parameter` of a statement takes argument number `argument`.

    `width` is psycopg's type for the size of an integer (such as Int8), or None.
    """

    parameter: int
    argument: int
    width: type | None


def _describe_shape(value: Value) -> Any:
    """Return the shape of a value: values of the same shape share a statement."""
    if isinstance(value, Actor):
        return "administrator" if value.is_administrator else ("actor", len(_check_queues(value)))
    return len(value) if isinstance(value, tuple) else None


def _check_queues(actor: Actor) -> tuple[int, ...]:
    if actor.queues is None or not actor.is_user:
        raise TypeError("A prepared query takes a user whose queues have been read.")
    return actor.queues


def _split_value(value: Value) -> tuple[Single, ...]:
    """Return the single values of an argument; an administrator has none, since they see all tickets."""
    if isinstance(value, Actor):
        return () if value.is_administrator else (int(value.id), *_check_queues(value))
    return value if isinstance(value, tuple) else (value,)


def _flatten(values: tuple[Value, ...]) -> list[Single]:
    return [part for value in values for part in _split_value(value)]


def _fold_marks(marks: list[Any], values: tuple[Value, ...]) -> list[Any]:
    """Return the arguments of `build` with marks instead of values: the reverse of `_flatten`."""
    rest = iter(marks)
    folded: list[Any] = []
    for value in values:
        own = tuple(next(rest) for _part in _split_value(value))
        if isinstance(value, Actor):
            user = Actor(ActorKind.USER, str(own[0]), queues=own[1:]) if own else replace(value, queues=None)
            folded.append(user)
        else:
            folded.append(own if isinstance(value, tuple) else own[0])
    return folded


def _build_mark(number: int, value: Any) -> Single:
    if isinstance(value, str):
        return TEXT.format(number)
    if isinstance(value, datetime):
        return MOMENT.replace(microsecond=number)
    if isinstance(value, int) and not isinstance(value, bool):
        return INTEGER + number
    raise TypeError(f"{value!r} cannot be a prepared query's value.")


def _choose_width(kind: type) -> type | None:
    return kind if issubclass(kind, int) and kind is not int else None


def _copy_shallow(thing: Any) -> Any:
    """Return a shallow copy of an object; copy.copy() would execute a queryset."""
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin
