"""The workloads policies are compared on, and the drawing of a day from one of them and a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from routing.engine import Medium
from routing.simulation.day import Contact, Day, Person

HOUR = 3600.0
HALF_HOUR = 1800.0
MEDIA = (Medium.VOICE, Medium.CHAT, Medium.MAIL)
TOPICS = tuple(f"topic {number}" for number in range(1, 11))
POPULARITY = np.array([1 / place**0.6 for place in range(1, 11)])
LEVELS = (0.12, 0.20, 0.28, 0.25, 0.15)  # shares of levels 1 to 5 among who has a topic
LANGUAGES = (("fr", 0.10, 0.22), ("de", 0.05, 0.14))  # share of contacts, share of people
TWO_CHATS = 1.7  # how much more is done with two chats at a time than with one
SPREAD = 0.7  # of the logarithm of handling time
PEOPLE_A_SEAT = 1.75
AFTER_CLOSE = 1.5 * HOUR


@dataclass(frozen=True)
class Workload:
    """A kind of day.

    `utilisation` is the work that comes over the staffed seats' time, at level 3 and two chats at once.
    """

    name: str
    says: str
    utilisation: float
    seats: int = 200
    hours: int = 12
    flat: bool = False
    spike: float = 1.0
    mix: tuple[float, float, float] = (0.45, 0.30, 0.25)
    work: tuple[float, float, float] = (300.0, 480.0, 420.0)
    patience: tuple[float, float, float] = (240.0, 300.0, math.inf)
    lost_every: float = 0.0
    lost_for: float = 300.0
    day_noise: float = 0.0
    with_breaks: bool = False
    answer_seconds: float = 0.0
    decline_share: float = 0.0
    redial_share: float = 0.0
    callback_share: float = 0.0

    def of_size(self, seats: int | None) -> Workload:
        """Return the same kind of day in a house of another size."""
        return self if seats is None else replace(self, seats=seats)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("W1", "a calm day", 0.82),
        Workload("W2", "a busy day", 0.92),
        Workload("W3", "a busy day with a rush of an hour and a half", 0.90, spike=1.6),
        Workload("W4", "more work than people, all day", 1.05),
        Workload("W5", "far too much work at a constant rate", 1.25, flat=True),
        Workload("W6", "connections that break silently", 0.85, lost_every=2 * HOUR),
        Workload("W7", "a large house", 0.96, seats=2000),
        Workload("W8", "a very large house", 0.96, seats=10_000),
        Workload("steady", "work at a constant rate that people keep up with", 0.80, flat=True),
        Workload(
            "real",
            "a busy day with breaks, refusals, callers who try again, call backs and a day's own mood",
            0.88,
            day_noise=0.08,
            with_breaks=True,
            answer_seconds=3.0,
            decline_share=0.02,
            redial_share=0.30,
            callback_share=0.15,
        ),
    )
}


def draw_day(workload: Workload, seed: int) -> Day:
    """Return the day that `seed` makes of a workload: the same on every machine."""
    chance = np.random.default_rng([seed, sum(workload.name.encode())])
    shape = _shape(workload)
    people = _people(workload, shape, chance)
    contacts = _contacts(workload, shape, people, chance)
    return Day(
        name=workload.name,
        people=people,
        contacts=contacts,
        length=workload.hours * HOUR,
        answer_seconds=workload.answer_seconds,
        decline_share=workload.decline_share,
        redial_share=workload.redial_share,
        callback_share=workload.callback_share,
        demand=_demand(),
    )


def _demand() -> tuple[tuple[str, float], ...]:
    """Return how often each topic is asked for in each language."""
    shares = dict(zip(TOPICS, (POPULARITY / POPULARITY.sum()).tolist(), strict=True))
    spoken = {name: share for name, share, _ in LANGUAGES}
    spoken["en"] = 1 - sum(spoken.values())
    return tuple(sorted((f"{t}+{name}", a * s) for t, a in shares.items() for name, s in spoken.items()))


def _shape(workload: Workload) -> np.ndarray:
    """Return the share of the peak that each half hour has: a morning's and a smaller afternoon's peak."""
    halves = np.arange(workload.hours * 2) / 2 + 0.25
    if workload.flat:
        return np.ones(len(halves))
    scale = workload.hours / 12
    morning = np.exp(-(((halves / scale - 3.0) / 1.9) ** 2))
    afternoon = 0.85 * np.exp(-(((halves / scale - 8.0) / 2.2) ** 2))
    shape = 0.35 + 0.65 * np.maximum(morning, afternoon)
    return np.asarray(shape / shape.max())


def _people(workload: Workload, shape: np.ndarray, chance: np.random.Generator) -> list[Person]:
    """Return people; each one's slot is placed where most seats are still empty."""
    need = shape * workload.seats
    count = round(PEOPLE_A_SEAT * workload.seats)
    taken: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    hours_left = need.sum()
    turn = 0
    while hours_left > 0 and turn < 2 * count:
        person = turn % count
        turn += 1
        if turn > count and chance.random() > 0.5:
            continue
        length = int(chance.integers(5, 11))
        begin = _largest_gap(need, length, taken[person])
        if begin is not None:
            taken[person].append((begin, begin + length))
            need[begin : begin + length] -= 1
            hours_left -= length
    return [
        _person(number + 1, sorted(slots), workload, chance)
        for number, slots in enumerate(taken)
        if slots or number < workload.seats
    ]


def _largest_gap(need: np.ndarray, length: int, taken: list[tuple[int, int]]) -> int | None:
    sums = np.convolve(need, np.ones(length), "valid")
    for begin, end in taken:
        sums[max(0, begin - length + 1) : end] = -np.inf
    best = int(np.argmax(sums))
    return best if np.isfinite(sums[best]) else None


def _person(
    id: int, halves: list[tuple[int, int]], workload: Workload, chance: np.random.Generator
) -> Person:
    close = workload.hours * HOUR
    slots = []
    for begin, end in halves:
        until = end * HALF_HOUR
        if until >= close and chance.random() < 0.5:
            until += AFTER_CLOSE
        slots.append((begin * HALF_HOUR, until))
    share = POPULARITY / POPULARITY.sum()
    known = chance.choice(len(TOPICS), size=int(chance.integers(2, 6)), replace=False, p=share)
    levels = chance.choice(5, size=len(known), p=LEVELS) + 1
    speaks = {"en", *(name for name, _, people in LANGUAGES if chance.random() < people)}
    return Person(
        id=id,
        slots=tuple(slots),
        topics={TOPICS[topic]: int(level) for topic, level in zip(known, levels, strict=True)},
        languages=frozenset(speaks),
        breaks=_breaks(slots, chance) if workload.with_breaks else (),
        lost=_lost(workload, slots, chance) if workload.lost_every else (),
        group="home",
    )


def _breaks(slots: list[tuple[float, float]], chance: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """Return a break of ten minutes somewhere in the middle of each slot."""
    starts = [begin + (end - begin) * float(chance.uniform(0.35, 0.65)) for begin, end in slots]
    return tuple((start, start + 600) for start in starts)


def _lost(
    workload: Workload, slots: list[tuple[float, float]], chance: np.random.Generator
) -> tuple[tuple[float, float], ...]:
    lost = []
    for begin, end in slots:
        at = begin + float(chance.exponential(workload.lost_every))
        while at < end:
            back = at + float(chance.exponential(workload.lost_for))
            lost.append((at, back))
            at = back + float(chance.exponential(workload.lost_every))
    return tuple(lost)


def _contacts(
    workload: Workload, shape: np.ndarray, people: list[Person], chance: np.random.Generator
) -> list[Contact]:
    counts = chance.poisson(_rates(workload, shape, chance) * HALF_HOUR)
    times = np.concatenate(
        [half * HALF_HOUR + np.sort(chance.random(n)) * HALF_HOUR for half, n in enumerate(counts)]
    )
    count = len(times)
    media = chance.choice(3, size=count, p=workload.mix)
    topics = chance.choice(len(TOPICS), size=count, p=POPULARITY / POPULARITY.sum())
    spoken = chance.random(count)
    work = np.array(workload.work)[media] * chance.lognormal(-(SPREAD**2) / 2, SPREAD, count)
    patience = np.where(media == 2, np.inf, chance.exponential(np.array([240.0, 300.0, 1.0])[media]))
    draws = chance.random((count, 3))
    returning, owned = chance.random(count) < 0.35, chance.random(count) < 0.5
    days, pick, vip = chance.exponential(30, count), chance.random(count), chance.random(count) < 0.1
    able = _by_kind(people)
    contacts = []
    for number in range(count):
        topic, language = TOPICS[topics[number]], _language(float(spoken[number]))
        known = able.get((topic, language), [])
        past = known[int(pick[number] * len(known))] if returning[number] and known else None
        contacts.append(
            Contact(
                id=number + 1,
                medium=MEDIA[media[number]],
                at=float(times[number]),
                topic=topic,
                language=language,
                work=float(work[number]),
                patience=float(patience[number]),
                draws=(float(draws[number, 0]), float(draws[number, 1]), float(draws[number, 2])),
                weight=2.0 if vip[number] else 1.0,
                past=past,
                owns_case=past is not None and bool(owned[number]),
                days=float(days[number]),
            )
        )
    return contacts


def _rates(workload: Workload, shape: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Return how many contacts a second begin in each half hour."""
    mean_work = float(np.dot(workload.mix, np.divide(workload.work, (1.0, TWO_CHATS, 1.0))))
    rate = workload.utilisation * workload.seats * shape / mean_work
    if workload.spike != 1.0:
        middle = len(rate) // 2 - 3
        rate[middle : middle + 3] *= workload.spike
    if workload.day_noise:
        rate *= chance.lognormal(-(workload.day_noise**2) / 2, workload.day_noise)
    return rate


def _language(draw: float) -> str:
    for name, share, _ in LANGUAGES:
        if draw < share:
            return name
        draw -= share
    return "en"


def _by_kind(people: list[Person]) -> dict[tuple[str, str], list[int]]:
    """Return who could help with a topic in a language."""
    able: dict[tuple[str, str], list[int]] = {}
    for person in people:
        for topic in person.topics:
            for language in person.languages:
                able.setdefault((topic, language), []).append(person.id)
    return able
