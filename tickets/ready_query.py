"""A query composed once and asked again with other values: composing costs the ORM more than asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import FETCH_ONE, BooleanField, Expression, Field, Func, Model, QuerySet
from django.db.models.query import get_related_populators


class Slot(Expression):
    """A place in a ready query, filled by name each time it is asked."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Slot]]:
        return "%s", (self,)


class IsAnyOf(Func):
    """Whether a column's value is in the list that a slot is filled with."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class ReadyQuery[Row: Model]:
    """A queryset with slots. It follows foreign keys (`select_related`), and prefetches nothing."""

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        """Take what returns the queryset; it is called once, when first asked."""
        self._build = build
        self._plan: _Plan | None = None

    def all(self, **values: Any) -> list[Row]:
        """Return the rows for these values of the slots, given as the database takes them."""
        plan = self._plan = self._plan or _compose(self._build())
        with connection.cursor() as cursor:
            cursor.execute(
                plan.statement, [values[p.name] if isinstance(p, Slot) else p for p in plan.parameters]
            )
            return [plan.instance(row) for row in cursor.fetchall()]

    def first(self, **values: Any) -> Row | None:
        """Return the first of the rows, or None."""
        return next(iter(self.all(**values)), None)


class _Plan(NamedTuple):
    """What the ORM's compiler found out about a query, as `ModelIterable` uses it for each row."""

    statement: str
    parameters: tuple[Any, ...]
    model: type[Model]
    names: list[str]
    start: int
    end: int
    relations: list[Any]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]
    annotations: list[tuple[str, int]]

    def instance(self, row: tuple[Any, ...]) -> Any:
        values = list(row)
        for place, functions, expression in self.converters:
            for convert in functions:
                values[place] = convert(values[place], expression, connection)
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, values[self.start : self.end])
        for relation in self.relations:
            relation.populate(values, made)
        for name, place in self.annotations:
            setattr(made, name, values[place])
        return made


def _compose(queryset: QuerySet[Any]) -> _Plan:
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    statement, parameters = compiler.as_sql()
    select, info = compiler.select, compiler.klass_info
    places = info["select_fields"]
    expressions = [column[0] for column in select]
    return _Plan(
        statement,
        tuple(parameters),
        info["model"],
        [column[0].target.attname for column in select[places[0] : places[-1] + 1]],
        places[0],
        places[-1] + 1,
        get_related_populators(info, select, DEFAULT_DB_ALIAS, FETCH_ONE),
        [(place, *found) for place, found in compiler.get_converters(expressions).items()],
        list(compiler.annotation_col_map.items()),
    )
