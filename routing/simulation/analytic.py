"""Queues with exact formulas (Erlang C and Erlang A), to check the event loop against them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from routing.engine import Medium
from routing.simulation.day import Contact, Day, Person
from routing.simulation.desk import Desk, Job
from routing.simulation.floor import Floor, Gift, Router

CHUNK = 10_000
WARM_UP = 0.05
WARM_UP_TIMES = 30  # and so many mean handling times, in which a large house fills and forgets it was empty
FOREVER = 1e15


@dataclass(frozen=True)
class Point:
    """A queue: arrivals a second, mean handling and patience in seconds (or infinite), people."""

    name: str
    rate: float
    handling: float
    patience: float
    people: int


@dataclass(frozen=True)
class Answer:
    """Share that waits, mean wait of all who came in seconds, share that gives up."""

    waits: float
    mean_wait: float
    abandons: float


POINTS = (
    Point("C1", 0.5, 180, math.inf, 100),
    Point("C2", 1 / 30, 300, math.inf, 12),
    Point("C3", 0.6, 300, math.inf, 190),
    Point("C4", 6, 300, math.inf, 1830),
    Point("A1", 0.5, 180, 180, 90),
    Point("A2", 1 / 30, 300, 120, 10),
    Point("A3", 0.6, 300, 240, 175),
    Point("A4", 6, 300, 240, 1780),
)


def solve_exactly(point: Point) -> Answer:
    """Return the stationary answer by summing birth and death (Erlang 1917; Palm 1957)."""
    load, n = point.rate * point.handling, point.people
    theta = 0.0 if math.isinf(point.patience) else 1 / point.patience
    weights, weight, state = [], 1.0, 0
    peak = 1.0
    while state <= n or weight > peak * 1e-18:
        weights.append(weight)
        state += 1
        leaving = min(state, n) / point.handling + max(0, state - n) * theta
        weight *= point.rate / leaving
        peak = max(peak, weight)
        if weight > 1e250:
            weights = [value / 1e250 for value in weights]
            weight, peak = weight / 1e250, peak / 1e250
    total = math.fsum(weights)
    waits = math.fsum(weights[n:]) / total
    queue = math.fsum((place - n) * weight for place, weight in enumerate(weights) if place > n) / total
    return Answer(waits, queue / point.rate, theta * queue / point.rate if load else 0.0)


class FirstFree:
    """First come, first served, by whoever is free: the discipline of the formulas."""

    heartbeat_seconds = 0.0

    def begin(self, floor: Floor) -> None:
        self.floor = floor
        self.free: deque[int] = deque(range(len(floor.desks)))
        self.queue: deque[Job] = deque()

    def arrived(self, job: Job, now: float) -> Iterable[Gift]:
        if self.free:
            return ((job, self.free.popleft()),)
        self.queue.append(job)
        return ()

    def freed(self, column: int, now: float) -> Iterable[Gift]:
        while self.queue:
            job = self.queue.popleft()
            if job.waits:
                return ((job, column),)
        return ()

    def swept(self, now: float) -> Iterable[Gift]:
        return ()

    def idle(self, column: int) -> None:
        """Record that an agent became idle."""
        self.free.append(column)


class _Counted(Floor):
    """A floor without closing time, which reports idle agents and keeps sums instead of jobs."""

    def __init__(self, day: Day, router: Router, warm_up: int) -> None:
        super().__init__(day, router)
        self.count, self.waited, self.gave_up, self.wait_sum, self.warm_up = 0, 0, 0, 0.0, warm_up

    def _wait(self, job: Job) -> None:
        super()._wait(job)
        self.jobs.clear()

    def _start(self, job: Job, desk: Desk) -> None:
        super()._start(job, desk)
        self._sum(job, self.now)

    def _give_up(self, job: Job) -> None:
        waiting = job.started_at is None and job.left_at is None
        super()._give_up(job)
        if waiting:
            self._sum(job, self.now)
            self.gave_up += job.contact.id > self.warm_up

    def _end(self, desk: Desk, epoch: int) -> None:
        super()._end(desk, epoch)
        if not desk.is_busy and isinstance(self.router, FirstFree):
            self.router.idle(desk.column)

    def _sum(self, job: Job, until: float) -> None:
        if job.contact.id > self.warm_up:
            self.count += 1
            self.waited += until > job.at
            self.wait_sum += until - job.at


def simulate_point(point: Point, arrivals: int, seed: int, router: Router | None = None) -> Answer:
    """Simulate a number of arrivals after a warm-up; return the measures."""
    warm_up = round(arrivals * WARM_UP + WARM_UP_TIMES * point.rate * point.handling)
    people = [Person(n + 1, ((0.0, FOREVER),), {"": 3}, frozenset({""})) for n in range(point.people)]
    same = (1.0,) * 6
    day = Day(
        point.name, people, _Stream(point, warm_up + arrivals, seed), FOREVER, speed=same, transfer=(0.0,) * 6
    )
    floor = _Counted(day, router or FirstFree(), warm_up)
    floor.run()
    return Answer(floor.waited / floor.count, floor.wait_sum / floor.count, floor.gave_up / floor.count)


class _Stream(list[Contact]):
    """Contacts drawn as they are needed, so that millions need no room."""

    def __init__(self, point: Point, arrivals: int, seed: int) -> None:
        super().__init__()
        self.point, self.arrivals, self.seed = point, arrivals, seed

    def __iter__(self) -> Iterator[Contact]:
        chance, at, number = np.random.default_rng(self.seed), 0.0, 0
        point = self.point
        while number < self.arrivals:
            size = min(CHUNK, self.arrivals - number)
            moments = at + np.cumsum(chance.exponential(1 / point.rate, size))
            work = chance.exponential(point.handling, size).tolist()
            waits = (
                [math.inf] * size if math.isinf(point.patience) else chance.exponential(point.patience, size)
            )
            at = float(moments[-1])
            for place, moment in enumerate(moments.tolist()):
                number += 1
                yield Contact(number, Medium.VOICE, moment, "", "", work[place], float(waits[place]))


def compute_errors(point: Point, runs: int, arrivals: int, seed: int = 1) -> dict[str, float]:
    """Return how many standard errors the mean of several runs lies from the exact answer, by measure."""
    seen = [simulate_point(point, arrivals, seed * 1000 + number) for number in range(runs)]
    expected = solve_exactly(point)
    errors = {}
    for name in ("waits", "mean_wait", "abandons"):
        values = np.array([getattr(result, name) for result in seen])
        spread = float(values.std(ddof=1)) / math.sqrt(runs)
        off = float(values.mean()) - getattr(expected, name)
        errors[name] = 0.0 if not spread and not off else off / spread if spread else math.inf
    return errors
