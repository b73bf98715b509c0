"""What a lived stretch came to, by channel: service level, waits, who left, promises kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.engine import Medium
from routing.simulation.desk import Job
from routing.simulation.floor import Floor
from routing.simulation.measures import GOOD_LEVEL, gini_coefficient, jain_index, shares_of_time
from routing.simulation.opening import Opening
from routing.simulation.recorded import Stretch
from routing.simulation.watched import Watched


def measure_stretch(floor: Floor, watched: Watched, stretch: Stretch) -> dict[str, float]:
    """Return the numbers of a finished stretch by name ("voice.left", "continuity"); shares are 0 to 1.

    Waits are in seconds, of mails in open time, and of a mail that nobody began as long as it waited; those
    of live work are of whoever was answered. What the stretch has none of is left out.
    """
    first = [job for job in floor.jobs if not job.is_transfer and job.tries == 1]
    numbers: dict[str, float] = {"contacts": len(first)}
    for medium in Medium:
        jobs = [job for job in first if job.medium is medium]
        if jobs:
            numbers |= {f"{medium}.{name}": value for name, value in _channel(floor, watched, stretch, jobs)}
    numbers |= _people(floor, first)
    kept = watched.promises.kept()
    if kept:
        numbers |= {"promises": len(kept), "kept": sum(kept) / len(kept)}
    return {name: round(float(value), 5) for name, value in numbers.items()}


def _channel(
    floor: Floor, watched: Watched, stretch: Stretch, jobs: Sequence[Job]
) -> list[tuple[str, float]]:
    medium = jobs[0].medium
    begun = [job for job in jobs if job.started_at is not None]
    usual = stretch.targets[medium]
    if medium is Medium.MAIL:
        waits = [_open_wait(floor, watched, job) for job in jobs]
        targets = [job.contact.target or usual for job in jobs]
        late = [job.started_at is None or wait > t for job, wait, t in zip(jobs, waits, targets, strict=True)]
        last = ("open", 1 - len(begun) / len(jobs))
    else:
        waits = [(job.started_at or 0.0) - job.at for job in begun]
        targets = [job.contact.target or usual for job in begun]
        late = [True] * (len(jobs) - len(begun)) + [w > t for w, t in zip(waits, targets, strict=True)]
        last = ("left", sum(job.left_at is not None for job in jobs) / len(jobs))
    numbers = [("n", float(len(jobs))), ("in_time", 1 - sum(late) / len(jobs)), last]
    if waits:
        numbers += [("wait_mean", float(np.mean(waits))), ("wait_half", float(np.median(waits)))]
        numbers.append(("wait_most", float(np.quantile(waits, 0.9))))
    return numbers


def _open_wait(floor: Floor, watched: Watched, job: Job) -> float:
    until = job.started_at if job.started_at is not None else max(job.at, floor.day.length)
    opening = watched.opening.get(job.contact.queue) or Opening()
    return max(0.0, opening.between(job.at, until))


def _people(floor: Floor, first: Sequence[Job]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    returning = [job for job in first if job.known_on_duty]
    if returning:
        same = sum(_got(floor, job) == job.contact.past for job in returning)
        numbers |= {"returning": len(returning), "continuity": same / len(returning)}
    skilled = [job for job in first if job.started_at is not None and job.contact.topic]
    if skilled:
        numbers |= {
            "skilled": len(skilled),
            "level_3": sum(j.level >= GOOD_LEVEL for j in skilled) / len(skilled),
        }
    shares = shares_of_time(floor)
    if len(shares) > 1:
        numbers |= {"jain": jain_index(shares), "gini": gini_coefficient(shares)}
    available = sum(desk.available for desk in floor.desks)
    if available:
        numbers["utilisation"] = sum(desk.busy for desk in floor.desks) / available
    return numbers


def _got(floor: Floor, job: Job) -> int | None:
    return floor.desks[job.column].person.id if job.started_at is not None else None
