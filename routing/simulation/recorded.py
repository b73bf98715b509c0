"""A stretch of recorded work as simulated days: what came, who was there, and drawn what nobody knows.

The record is plain values, read elsewhere. Known are arrivals, waits, who took what and for how long; drawn
anew in every repetition are the patience of those who did not leave, the length of what was never ended, and
half a minute by which each arrival is moved, so that no result hangs on one accident of order.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from routing.engine import Medium
from routing.simulation.day import Contact, Day, Person
from routing.simulation.rosters import Change, Span, Worker, change_staff

USUAL_PATIENCE = {"voice": 240.0, "chat": 300.0}
ENOUGH_LEFT = 5  # with fewer who gave up, patience is the usual one
MOVED_SECONDS = 30.0
LIVE = ("voice", "chat")


@dataclass(frozen=True)
class Arrival:
    """One contact as recorded; moments in seconds since the stretch began, None for what is not known.

    `waited` lasts until somebody took it, or the customer left; `handled` as long as `by` had it, at `level`.
    Who is `patient` waits elsewhere, as for a call back, and never leaves.
    """

    medium: str
    at: float
    queue: int
    topic: str = ""
    least: int = 0
    wanted: int = 0
    language: str = ""
    must_speak: bool = False
    weight: float = 1.0
    target: float | None = None
    waited: float | None = None
    left: bool = False
    handled: float | None = None
    by: int | None = None
    level: int = 3
    past: int | None = None
    owns_case: bool = False
    days: float = 0.0
    patient: bool = False


@dataclass(frozen=True)
class Stretch:
    """All that is recorded of some days. `starts_at` is in seconds since 1970, the rest since then.

    `hours` are a queue's openings, none for a queue that is always open; `answers` the waits of the answers
    before the stretch by queue, live ones under minus the queue. `usual` and `targets` are by medium.
    """

    starts_at: float
    length: float
    arrivals: tuple[Arrival, ...]
    people: tuple[Worker, ...]
    hours: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    answers: dict[int, tuple[float, ...]] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)
    targets: dict[str, float] = field(default_factory=dict)
    speed: tuple[float, ...] = Day.speed
    transfer: tuple[float, ...] = Day.transfer
    chat_rates: tuple[float, ...] = Day.chat_rates
    answer_seconds: float = 0.0
    decline_share: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Stretch:
        """Return what `as_data` told."""
        known: dict[str, Any] = dict(data)
        known["arrivals"] = tuple(Arrival(**row) for row in data["arrivals"])
        known["people"] = tuple(_worker(row) for row in data["people"])
        known["hours"] = {int(queue): _spans(spans) for queue, spans in data["hours"].items()}
        known["answers"] = {int(queue): tuple(waits) for queue, waits in data["answers"].items()}
        for name in ("speed", "transfer", "chat_rates"):
            known[name] = tuple(data[name])
        return cls(**known)


@dataclass(frozen=True)
class Patience:
    """How long people wait before they give up, in the mean, and on how many who left that rests."""

    mean: float
    left: int
    is_usual: bool


def estimate_patience(arrivals: Iterable[Arrival], medium: str) -> Patience:
    """Estimate patience from waits that were cut short by an answer: all waiting over those who left.

    The maximum-likelihood estimate for exponential patience with censoring (Brown et al., Statistical
    analysis of a telephone call center, JASA 100, 2005). With few who left, the usual one.
    """
    live = [arrival for arrival in arrivals if arrival.medium == medium and not arrival.patient]
    waits = [(arrival.waited, arrival.left) for arrival in live if arrival.waited is not None]
    left = sum(gone for _wait, gone in waits)
    if left < ENOUGH_LEFT:
        return Patience(USUAL_PATIENCE[medium], left, True)
    return Patience(max(1.0, sum(wait for wait, _gone in waits) / left), left, False)


def draw_day(stretch: Stretch, change: Change, seed: int) -> Day:
    """Return the stretch as a day to live through; the same contacts for every roster of one seed."""
    people = change_staff(stretch.people, change, Random(seed * 2 + 1))  # noqa: S311
    speak = _spoken(people)
    return Day(
        name="recorded",
        people=[_person(worker, stretch) for worker in sorted(people, key=lambda worker: worker.id)],
        contacts=_contacts(stretch, speak, Random(seed * 2)),  # noqa: S311
        length=stretch.length,
        speed=stretch.speed,
        transfer=stretch.transfer,
        chat_rates=stretch.chat_rates,
        answer_seconds=stretch.answer_seconds,
        decline_share=stretch.decline_share,
    )


def work_seconds(arrivals: Sequence[Arrival], chat_rates: Sequence[float]) -> list[float | None]:
    """Return the work in each arrival: a chat held beside others counts only by its share of the person."""
    chats: dict[int | None, list[tuple[Span, int]]] = defaultdict(list)
    for number, arrival in enumerate(arrivals):
        if arrival.medium == "chat" and arrival.handled and arrival.by is not None:
            begin = arrival.at + (arrival.waited or 0.0)
            chats[arrival.by].append(((begin, begin + arrival.handled), number))
    work = [arrival.handled for arrival in arrivals]
    for held in chats.values():
        for span, number in held:
            near = [other for other, _ in held if other[0] < span[1] and span[0] < other[1]]
            work[number] = _share_of_time(span, near, chat_rates)
    return work


def _share_of_time(span: Span, near: list[Span], chat_rates: Sequence[float]) -> float:
    """Return how long a chat would have lasted alone; `near` holds it and those it overlaps."""
    marks = sorted({mark for other in near for mark in other if span[0] <= mark <= span[1]})
    work = 0.0
    for begin, end in pairwise(marks):
        beside = sum(b <= begin and end <= e for b, e in near)
        work += (end - begin) * chat_rates[min(beside, len(chat_rates)) - 1] / beside
    return work


def _contacts(stretch: Stretch, speak: set[tuple[int, str]], chance: Random) -> list[Contact]:
    works = work_seconds(stretch.arrivals, stretch.chat_rates)
    known: dict[str, list[float]] = defaultdict(list)
    at_three = []
    for arrival, work in zip(stretch.arrivals, works, strict=True):
        at_three.append(work / stretch.speed[arrival.level] if work else None)
        if work:
            known[arrival.medium].append(work / stretch.speed[arrival.level])
    patient = {medium: estimate_patience(stretch.arrivals, medium).mean for medium in LIVE}
    contacts = [
        _contact(stretch, number, arrival, at_three[number], known[arrival.medium], patient, speak, chance)
        for number, arrival in enumerate(stretch.arrivals)
    ]
    return sorted(contacts, key=lambda contact: (contact.at, contact.id))


def _contact(
    stretch: Stretch,
    number: int,
    arrival: Arrival,
    work: float | None,
    known: list[float],
    patient: dict[str, float],
    speak: set[tuple[int, str]],
    chance: Random,
) -> Contact:
    """Return one contact; each takes the same number of draws, whatever is known of it."""
    drawn = chance.random()
    usual = known[int(drawn * len(known))] if known else stretch.usual[arrival.medium]
    stays = chance.expovariate(1.0)
    moved = (2 * chance.random() - 1) * MOVED_SECONDS
    draws = (chance.random() if arrival.topic else 1.0, chance.random(), chance.random())
    language = arrival.language if arrival.must_speak or (arrival.queue, arrival.language) in speak else ""
    return Contact(
        id=number + 1,
        medium=Medium(arrival.medium),
        at=min(max(0.0, arrival.at + moved), stretch.length) if arrival.at > 0 else 0.0,
        topic=arrival.topic,
        language=language,
        work=work if work is not None else usual,
        patience=_patience(arrival, stays * patient.get(arrival.medium, math.inf)),
        draws=draws,
        weight=arrival.weight,
        past=arrival.past,
        owns_case=arrival.owns_case,
        days=arrival.days,
        queue=arrival.queue,
        least=arrival.least,
        wanted=arrival.wanted,
        must_speak=arrival.must_speak,
        target=arrival.target,
    )


def _patience(arrival: Arrival, more: float) -> float:
    """Return a customer's patience: as recorded if they left, else drawn beyond their recorded wait."""
    if arrival.medium not in LIVE or arrival.patient:
        return math.inf
    return max(1.0, arrival.waited or 0.0) if arrival.left else (arrival.waited or 0.0) + more


def _person(worker: Worker, stretch: Stretch) -> Person:
    topics = {arrival.topic for arrival in stretch.arrivals}
    return Person(
        id=worker.id,
        slots=worker.slots,
        topics={topic: worker.levels.get(topic, 0) if topic else 3 for topic in topics},
        languages=frozenset({"", *worker.languages}),
        breaks=worker.breaks,
        group=str(worker.queues),
        queues=frozenset(worker.queues),
        chat_limit=max(1, min(worker.chat_limit, len(stretch.chat_rates))),
    )


def _spoken(people: Iterable[Worker]) -> set[tuple[int, str]]:
    """Return in which queue which language is spoken at all."""
    return {(queue, name) for person in people for queue in person.queues for name in person.languages}


def _worker(data: dict[str, Any]) -> Worker:
    spans = {name: _spans(data[name]) for name in ("slots", "breaks")}
    lists = {name: tuple(data[name]) for name in ("languages", "queues")}
    return Worker(**{**data, **spans, **lists})


def _spans(pairs: Iterable[Sequence[float]]) -> tuple[Span, ...]:
    return tuple((begin, end) for begin, end in pairs)
