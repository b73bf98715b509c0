"""How much of a day's work became overdue, and how much of that waited longer than routing promises."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from routing.engine import Policy
from routing.engine.team import Bools, Floats, floats
from routing.simulation.desk import Job
from routing.simulation.floor import AFTER_CLOSE, Floor
from routing.simulation.waiting import Kind, choose_kind

RULES = Policy()


@dataclass(frozen=True)
class Overdue:
    """Jobs that became overdue, and those of them that waited past their bound."""

    count: int
    past_bound: int


def check_overdue_jobs(floor: Floor) -> Overdue:
    """Hold every overdue job of a finished day against `A + S/σ × ⌈(E + 1)/n⌉` of docs/routing.md.

    `S` is the longest that any job kept a person that day, `n` those who could take it and stayed all the
    while. The bound is asked for at the end of the wait and whenever one of them went; where nobody stayed,
    none was promised.
    """
    jobs = [job for job in floor.jobs if _until(floor, job) > _since(job)]
    jobs.sort(key=_since)
    longest = max((job.ended_at - (job.started_at or 0.0) for job in floor.jobs if job.ended_at), default=0.0)
    roster, shared = _Roster(floor), _shared(floor, jobs)
    since, until = floats(map(_since, jobs)), floats(_until(floor, job) for job in jobs)
    past = 0
    for row, job in enumerate(jobs):
        turns = 1 + int(np.count_nonzero((until[:row] > since[row]) & shared[choose_kind(job)][:row]))
        seconds = longest * (1 if job.medium.is_live else RULES.elder_share)
        past += any(
            moment - since[row] > seconds * math.ceil(turns / people)
            for moment, people in roster.staying(job, float(since[row]), float(until[row]))
        )
    return Overdue(len(jobs), past)


def _since(job: Job) -> float:
    """Return when a job became overdue, if it waited so long."""
    rules = RULES.rules(job.medium)
    live = job.medium.is_live
    return job.at + (rules.elder_seconds if live else min(rules.elder_seconds, rules.target_seconds))


class _Roster:
    """Who was on duty without a break from one moment to another, and able to take a kind of job."""

    def __init__(self, floor: Floor) -> None:
        people = [desk.person for desk in floor.desks]
        self.floor = floor
        self.begins, self.ends, self.owner = _spans([person.slots for person in people])
        self.gone, self.back, self.goer = _spans([person.breaks + person.lost for person in people])

    def staying(self, job: Job, since: float, until: float) -> Iterator[tuple[float, int]]:
        """Return the end of a wait and earlier moments at which somebody went, with who stayed till then."""
        able = _able(self.floor, choose_kind(job))
        for id in job.excluded:
            able[self.floor.column[id]] = False
        spare = RULES.rules(job.medium).handling_seconds if job.medium.is_live else 0.0
        here = able[self.owner] & (self.begins <= since)
        going = self.ends[here] - spare
        for moment in {until, *going[(going > since) & (going < until)].tolist()}:
            there = self.floor.team.nobody()
            there[self.owner[here & (self.ends >= moment + spare)]] = True
            there[self.goer[(self.gone < moment) & (self.back > since)]] = False
            if people := int(np.count_nonzero(there)):
                yield moment, people


def _spans(spans: Sequence[Sequence[tuple[float, float]]]) -> tuple[Floats, Floats, np.ndarray]:
    flat = [(begin, end, column) for column, own in enumerate(spans) for begin, end in own]
    table = np.array(flat, dtype=np.float64).reshape(len(flat), 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.int64)


def _shared(floor: Floor, jobs: Sequence[Job]) -> dict[Kind, Bools]:
    """Return for each kind which of the jobs somebody could take who could also take that kind."""
    able = {kind: _able(floor, kind) for kind in {choose_kind(job) for job in jobs}}
    kinds = [choose_kind(job) for job in jobs]
    return {kind: np.array([(mine & able[other]).any() for other in kinds]) for kind, mine in able.items()}


def _able(floor: Floor, kind: Kind) -> Bools:
    queue, topic, language = kind
    team = floor.team
    able: Bools = team.works_in(queue) & team.speaks(language)
    return able & (team.level(topic) > 0) if topic else able


def _until(floor: Floor, job: Job) -> float:
    """Return when a job's wait ended: taken, given up, or the day was over."""
    ended = job.started_at if job.started_at is not None else job.left_at
    return min(floor.now, floor.day.length + AFTER_CLOSE) if ended is None else ended
