"""A question that a customer may answer by one click; whoever knows it (routing) registers how to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.models import Ticket


@dataclass(frozen=True)
class Choice:
    """A sentence and the ways to answer it, each as (value, words)."""

    key: str
    sentence: str
    options: tuple[tuple[str, str], ...]


Finder = Callable[..., Choice | None]
Taker = Callable[..., bool]
_registered: list[tuple[Finder, Taker]] = []


def register_question(find: Finder, take: Taker) -> None:
    """Name the functions: find(ticket, now=…) -> Choice | None, take(ticket, key, option, by=…, now=…)."""
    _registered[:] = [(find, take)]


def find_question(ticket: Ticket, *, now: datetime) -> Choice | None:
    """Return the question a ticket's customer may answer now, if there is one."""
    for find, _take in _registered:
        return find(ticket, now=now)
    return None


def answer_question(ticket: Ticket, key: str, option: str, *, by: Actor, now: datetime) -> bool:
    """Take the customer's answer. Raises NotFound where nothing asks."""
    for _find, taker in _registered:
        return taker(ticket, key, option, by=by, now=now)
    raise NotFound
