"""What a simulated day came to: waits, people who gave up, continuity, fairness, skill, as plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from routing.engine import Medium
from routing.simulation.bound import check_overdue_jobs
from routing.simulation.desk import Job
from routing.simulation.floor import Floor

SOON = 20.0
LEAST_AVAILABLE = 3600.0
GOOD_LEVEL = 3


@dataclass(frozen=True)
class Measures:
    """Shares are between 0 and 1, durations in seconds. Waits are of those who were answered.

    `continuity`: of returning customers whose person was on duty as they came, those who got that person.
    `overdue` and `past_bound` are of all that waited: counts of `routing.simulation.bound`.
    `gini` and `jain` are of contact time over available time, of people with an hour or more.
    """

    voice_in_20_s: float
    voice_abandoned: float
    voice_wait_mean: float
    voice_wait_p95: float
    chat_abandoned: float
    chat_wait_p95: float
    chat_length: float
    mail_wait_mean: float
    mail_carried_over: float
    continuity: float
    gini: float
    jain: float
    occupancy: float
    level_3: float
    transfers: float
    interruptions: float
    lost_offers: float
    overdue: float
    past_bound: float

    def as_data(self) -> dict[str, float]:
        """Return the numbers by name, rounded for reading."""
        return {name: round(float(value), 5) for name, value in asdict(self).items()}


def measure_day(floor: Floor) -> Measures:
    """Return the measures of a finished day."""
    first = [job for job in floor.jobs if not job.is_transfer and job.tries == 1]
    voice = [job for job in first if job.medium is Medium.VOICE]
    chats = [job for job in first if job.medium is Medium.CHAT]
    mails = [job for job in floor.jobs if job.medium is Medium.MAIL]
    answered = [job for job in first if job.started_at is not None]
    returning = [job for job in first if job.known_on_duty]
    gini, jain, occupancy = _fairness(floor)
    late = check_overdue_jobs(floor)
    lengths = [job.ended_at - job.started_at for job in chats if job.ended_at and job.started_at is not None]
    return Measures(
        voice_in_20_s=_share(voice, lambda job: job.started_at is not None and _wait(job) <= SOON),
        voice_abandoned=_share(voice, lambda job: job.left_at is not None),
        voice_wait_mean=_mean(_waits(voice)),
        voice_wait_p95=_quantile(_waits(voice), 0.95),
        chat_abandoned=_share(chats, lambda job: job.left_at is not None),
        chat_wait_p95=_quantile(_waits(chats), 0.95),
        chat_length=_mean(lengths),
        mail_wait_mean=_mean(_waits(mails)),
        mail_carried_over=_share(mails, lambda job: job.started_at is None),
        continuity=_share(returning, lambda job: _got(floor, job) == job.contact.past),
        gini=gini,
        jain=jain,
        occupancy=occupancy,
        level_3=_share(answered, lambda job: job.level >= GOOD_LEVEL),
        transfers=sum(job.is_transfer for job in floor.jobs) / max(1, len(answered)),
        interruptions=floor.interruptions,
        lost_offers=floor.lost_offers,
        overdue=late.count,
        past_bound=late.past_bound,
    )


def shares_of_time(floor: Floor) -> np.ndarray:
    """Return contact time over available time of everybody who had an hour or more."""
    return np.array([desk.busy / desk.available for desk in floor.desks if desk.available >= LEAST_AVAILABLE])


def gini_coefficient(values: np.ndarray) -> float:
    """Return the Gini coefficient: 0 where all are equal."""
    if not len(values) or not values.sum():
        return 0.0
    ordered = np.sort(values)
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * ranks - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def jain_index(values: np.ndarray) -> float:
    """Return Jain's index: 1 where all are equal."""
    squares = float((values**2).sum())
    return float(values.sum() ** 2 / (len(values) * squares)) if squares else 1.0


def _fairness(floor: Floor) -> tuple[float, float, float]:
    shares = shares_of_time(floor)
    busy, available = sum(d.busy for d in floor.desks), sum(d.available for d in floor.desks)
    return gini_coefficient(shares), jain_index(shares), busy / available if available else 0.0


def _got(floor: Floor, job: Job) -> int | None:
    return floor.desks[job.column].person.id if job.started_at is not None else None


def _wait(job: Job) -> float:
    return (job.started_at or 0.0) - job.at


def _waits(jobs: Sequence[Job]) -> list[float]:
    return [_wait(job) for job in jobs if job.started_at is not None]


def _share(jobs: Sequence[Job], holds: Callable[[Job], bool]) -> float:
    return sum(map(bool, map(holds, jobs))) / len(jobs) if jobs else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else 0.0
