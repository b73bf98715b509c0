"""The question whether a customer wants to wait for their agent; routing registers how it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.models import Ticket


@dataclass(frozen=True)
class Choice:
    """A question (`sentence`) and its answers, each as (value, label)."""

    key: str
    sentence: str
    options: tuple[tuple[str, str], ...]


Finder = Callable[..., Choice | None]
Recorder = Callable[..., bool]
_registered: list[tuple[Finder, Recorder]] = []


def register_question(find: Finder, record: Recorder) -> None:
    """Register the functions of the question; they replace earlier ones.

    - `find(ticket, now=…)` returns the open question as a Choice, or None.
    - `record(ticket, key, option, by=…, now=…)` saves an answer and returns whether anything changed.
    """
    _registered[:] = [(find, record)]


def find_question(ticket: Ticket, *, now: datetime) -> Choice | None:
    """Return the question that a ticket's customer may answer now, or None."""
    for find, _record in _registered:
        return find(ticket, now=now)
    return None


def answer_question(ticket: Ticket, key: str, option: str, *, by: Actor, now: datetime) -> bool:
    """Save the customer's answer; return whether anything changed. Raises NotFound without a question."""
    for _find, record in _registered:
        return record(ticket, key, option, by=by, now=now)
    raise NotFound
