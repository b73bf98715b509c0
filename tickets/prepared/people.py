"""Customers by name: what each search looks up, whatever else the words may mean."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Q, QuerySet, Value

from tickets.actor import Actor
from tickets.models import Customer
from tickets.models.functions import SortKey
from tickets.prepared.statement import prepared

PEOPLE = 8
NAMESAKES = 1000
PRESENT: dict[str, Any] = {"merged_into": None, "erased_at": None}


@prepared
def load_people_called(
    actor: Actor, long: tuple[str, ...], short: tuple[str, ...], inner: tuple[str, ...]
) -> QuerySet[Customer]:
    """Return the visible ones of up to 1000 so called; all of a common name would cost too much to sort.

    The words are those of `is_called`.
    """
    called = Customer.objects.filter(is_called(long, short, inner), **PRESENT).values("pk")[:NAMESAKES]
    return in_order(Customer.objects.visible_to(actor).filter(pk__in=called))[:PEOPLE]


@prepared
def load_further_namesakes(
    long: tuple[str, ...], short: tuple[str, ...], inner: tuple[str, ...]
) -> QuerySet[Any, int]:
    """Return the number of a customer so called beyond the first 1000, if there is one."""
    called = Customer.objects.filter(is_called(long, short, inner), **PRESENT)
    return called.values_list("pk", flat=True)[NAMESAKES : NAMESAKES + 1]


def in_order(people: QuerySet[Customer]) -> QuerySet[Customer]:
    """Bring customers into the order of their names."""
    return people.order_by("sort_key", "pk")


def is_called(long: tuple[str, ...], short: tuple[str, ...], inner: tuple[str, ...]) -> Q:
    """Match long words anywhere, short ones where the name begins or, after a space (`inner`), a part."""
    matching = Q()
    for word in long:
        matching &= Q(sort_key__contains=_folded(word))
    for word, after_space in zip(short, inner, strict=True):
        matching &= Q(sort_key__startswith=_folded(word)) | Q(sort_key__contains=_folded(after_space))
    return matching


def _folded(word: str) -> SortKey:
    return SortKey(Value(word, output_field=CharField()))
