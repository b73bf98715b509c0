"""Customers by name: what each search looks up, whatever else the words may mean."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Q, QuerySet, Value

from tickets.actor import Actor
from tickets.models import Customer
from tickets.models.functions import SortKey
from tickets.prepared.statement import prepared

MAX_PEOPLE = 8
MAX_NAMESAKES = 1000
PRESENT: dict[str, Any] = {"merged_into": None, "erased_at": None}


@prepared
def load_people_called(
    actor: Actor, long: tuple[str, ...], short: tuple[str, ...], inner: tuple[str, ...]
) -> QuerySet[Customer]:
    """Return the visible among the first 1,000 customers with the name: sorting all of them is too slow.

    The words are those of `match_name`.
    """
    called = Customer.objects.filter(match_name(long, short, inner), **PRESENT).values("pk")[:MAX_NAMESAKES]
    return sort_by_name(Customer.objects.visible_to(actor).filter(pk__in=called))[:MAX_PEOPLE]


@prepared
def load_further_namesakes(
    long: tuple[str, ...], short: tuple[str, ...], inner: tuple[str, ...]
) -> QuerySet[Any, int]:
    """Return the id of a customer with the name beyond the first 1,000, if there is one."""
    called = Customer.objects.filter(match_name(long, short, inner), **PRESENT)
    return called.values_list("pk", flat=True)[MAX_NAMESAKES : MAX_NAMESAKES + 1]


def sort_by_name(people: QuerySet[Customer]) -> QuerySet[Customer]:
    """Sort customers by name."""
    return people.order_by("sort_key", "pk")


def match_name(long: tuple[str, ...], short: tuple[str, ...], inner: tuple[str, ...]) -> Q:
    """Match `long` words anywhere, `short` ones at the beginning of the name or after a space (`inner`)."""
    matching = Q()
    for word in long:
        matching &= Q(sort_key__contains=_fold_word(word))
    for word, after_space in zip(short, inner, strict=True):
        matching &= Q(sort_key__startswith=_fold_word(word)) | Q(sort_key__contains=_fold_word(after_space))
    return matching


def _fold_word(word: str) -> SortKey:
    return SortKey(Value(word, output_field=CharField()))
