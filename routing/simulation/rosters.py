"""The people of a recorded stretch, and other rosters: more or fewer, without somebody, seats filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

type Span = tuple[float, float]


@dataclass(frozen=True)
class Worker:
    """Somebody of the recorded roster, with the hours they worked and the breaks they took."""

    id: int
    slots: tuple[Span, ...]
    breaks: tuple[Span, ...] = ()
    levels: dict[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    queues: tuple[int, ...] = ()
    chat_limit: int = 2


@dataclass(frozen=True)
class Change:
    """Another roster: people more or fewer in windows of time, people left out, seats of slots filled.

    `seats` are (queue, begin, end, people).
    """

    more: int = 0
    windows: tuple[Span, ...] = ()
    without: tuple[int, ...] = ()
    seats: tuple[tuple[int, float, float, int], ...] = ()


def change_staff(staff: Sequence[Worker], change: Change, chance: Random) -> list[Worker]:
    """Return the people of another roster; those who are added or absent are drawn at random."""
    people = [worker for worker in staff if worker.id not in change.without]
    for window in change.windows if change.more < 0 else ():
        people = _fewer(people, -change.more, window, chance)
    added: list[tuple[int | None, tuple[Span, ...]]] = [(None, change.windows)] * max(0, change.more)
    added += [(queue, ((begin, end),)) for queue, begin, end, seats in change.seats for _ in range(seats)]
    following = max((worker.id for worker in staff), default=0)
    for number, (queue, spans) in enumerate(added, following + 1):
        models = [worker for worker in staff if queue is None or queue in worker.queues]
        if models:
            people.append(replace(chance.choice(models), id=number, slots=merge_spans(spans), breaks=()))
    return people


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that touch or overlap as one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif begin < end:
            merged.append((begin, end))
    return tuple(merged)


def cut_window(spans: Iterable[Span], window: Span) -> tuple[Span, ...]:
    """Return spans with a window cut out of them."""
    begin, end = window
    parts = [part for b, e in spans for part in ((b, min(e, begin)), (max(b, end), e))]
    return tuple((b, e) for b, e in parts if b < e)


def _fewer(people: list[Worker], count: int, window: Span, chance: Random) -> list[Worker]:
    there = [worker.id for worker in people if any(b < window[1] and window[0] < e for b, e in worker.slots)]
    removed = set(chance.sample(there, min(count, len(there))))
    return [
        replace(worker, slots=cut_window(worker.slots, window)) if worker.id in removed else worker
        for worker in people
    ]
