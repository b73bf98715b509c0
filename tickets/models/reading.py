"""What a query's rows become, worked out once for all runs of one statement: tuples or model instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import ColPairs
from django.db.models.fetch_modes import FETCH_ONE
from django.db.models.query import ModelIterable, ValuesListIterable
from django.db.models.signals import post_init, pre_init

type Row = Sequence[Any]
type Make = Callable[[Row], Any]


def reader_of(queryset: QuerySet[Any], compiler: Any) -> Callable[[Iterable[Row], Any], list[Any]] | None:
    """Return a function that makes of fetched rows (and their connection) what the queryset would.

    The compiler has composed the statement already. None for a queryset that does more than the plain
    thing: it reads its rows itself.
    """
    kind = queryset._iterable_class
    if kind not in (ModelIterable, ValuesListIterable) or _does_more(queryset, compiler):
        return None
    make = _model(compiler) if kind is ModelIterable else tuple
    if make is None:
        return None
    columns = [column for column, *_ in compiler.select[: compiler.col_count]]
    converters = [(place, *found) for place, found in compiler.get_converters(columns).items()]
    return lambda rows, connection: [make(row) for row in _converted(rows, converters, connection)]


def _does_more(queryset: Any, compiler: Any) -> bool:
    return bool(
        queryset._known_related_objects
        or queryset._fetch_mode is not FETCH_ONE
        or compiler.has_extra_select
        or any(isinstance(column, ColPairs) for column, *_ in compiler.select)
    )


def _converted(rows: Iterable[Row], converters: list[Any], connection: Any) -> Iterable[Row]:
    """Send the columns that want it through their fields' conversions, as SQLCompiler does."""
    if not converters:
        return rows
    found = [list(row) for row in rows]
    for row in found:
        for place, functions, expression in converters:
            value = row[place]
            for function in functions:
                value = function(value, expression, connection)
            row[place] = value
    return found


def _model(compiler: Any) -> Make | None:
    """Return what makes an instance of a row, with the instances it is selected with and its annotations."""
    instance = _instance(compiler.klass_info, compiler.select, compiler.using)
    annotations = tuple((compiler.annotation_col_map or {}).items())
    if instance is None or not annotations:
        return instance

    def annotated(row: Row) -> Any:
        made = instance(row)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return annotated


def _instance(info: dict[str, Any], select: Any, using: str) -> Make | None:
    """Return what makes one instance of its columns, and of those beside it what it points at."""
    model, places = info["model"], info["select_fields"]
    start, end = places[0], places[-1] + 1
    if info.get("from_parent") or not _is_plain(model) or len(places) != end - start:
        return None
    names = [select[place][0].target.attname for place in places]
    related = []
    for inner in info.get("related_klass_infos", ()):
        make = _instance(inner, select, using)
        if make is None:
            return None
        key = inner["select_fields"][0] + _place_of_key(inner, select)
        related.append((make, key, inner["local_setter"], inner["remote_setter"]))

    def made(row: Row) -> Any:
        new = model.__new__(model)
        state = ModelState()
        state.adding, state.db = False, using
        new.__dict__.update(zip(names, row[start:end], strict=True), _state=state)
        for make, key, set_here, set_there in related:
            other = None if row[key] is None else make(row)
            set_here(new, other)
            if other is not None:
                set_there(other, new)
        return new

    return made


def _place_of_key(info: dict[str, Any], select: Any) -> int:
    names = [select[place][0].target.attname for place in info["select_fields"]]
    return names.index(info["model"]._meta.pk.attname)


def _is_plain(model: type[Model]) -> bool:
    """Say whether nothing else happens when an instance of a row is made: no signal, no method of its own."""
    listened = pre_init.has_listeners(model) or post_init.has_listeners(model)
    return (
        not listened and model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    )
