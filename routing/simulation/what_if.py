"""The same stretch lived through under several policies and rosters, several times over, side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from routing.engine import Policy
from routing.simulation import compare
from routing.simulation.day import Day
from routing.simulation.floor import Floor, Router
from routing.simulation.outcome import measure_stretch
from routing.simulation.policies.human_first import HumanFirst
from routing.simulation.recorded import Stretch, draw_day
from routing.simulation.rosters import Change, Worker, change_staff
from routing.simulation.watched import Watched
from routing.simulation.workloads import WORKLOADS, Workload
from routing.simulation.workloads import draw_day as draw_workload

LEAST_REPETITIONS = 3
BUSY = "W2"
AS_IT_WAS = Change()


@dataclass(frozen=True)
class Variant:
    """One thing to try: a way to route, with the parameters where it is ours, and a roster."""

    router: str = compare.OURS
    parameters: Mapping[str, Any] | None = None
    change: Change = AS_IT_WAS

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Variant:
        """Return what plain data says."""
        change = dict(data.get("change") or {})
        for name in ("windows", "without", "seats"):
            if name in change:
                change[name] = tuple(
                    tuple(value) if isinstance(value, list) else value for value in change[name]
                )
        return cls(data.get("router", compare.OURS), data.get("parameters"), Change(**change))


type Told = list[dict[str, Any]]


def run_variants(
    task: Mapping[str, Any],
    say: Callable[[dict[str, Any]], None],
    finished_runs: Sequence[Mapping[str, Any]] = (),
) -> Told:
    """Simulate the runs of `task` that are not in `finished_runs`; pass each to `say`, return the table.

    A run is {"repetition", "variant", "numbers"}. The task holds `stretch` (or `busy`, a workload's size and
    habits), `variants`, `repetitions`, and `seconds`, after which no further repetition begins once there are
    three.
    """
    began = time.monotonic()
    variants = [Variant.of(record) for record in task["variants"]]
    stretch = Stretch.of(task["stretch"])
    done = {(record["repetition"], record["variant"]): dict(record) for record in finished_runs}
    for repetition in range(task["repetitions"]):
        if repetition >= LEAST_REPETITIONS and time.monotonic() - began > task["seconds"]:
            break
        for number, variant in enumerate(variants):
            if (repetition, number) in done:
                continue
            numbers = run_variant(stretch, variant, repetition + 1, busy=task.get("busy"))
            done[repetition, number] = {"repetition": repetition, "variant": number, "numbers": numbers}
            say(done[repetition, number])
    return list(done.values())


def run_variant(
    stretch: Stretch, variant: Variant, seed: int, *, busy: Mapping[str, Any] | None = None
) -> dict[str, float]:
    """Live through the stretch once, or through an invented `busy` day, and return its numbers."""
    if busy:
        day, stretch = _busy(busy, stretch, variant.change, seed)
    else:
        day = draw_day(stretch, variant.change, seed)
    watched = Watched(make_router(variant), stretch)
    return measure_stretch(Floor(day, watched).run(), watched, stretch)


def make_router(variant: Variant) -> Router:
    """Return a fresh router. Raises KeyError for an unknown name, ValueError for wrong parameters."""
    if variant.router == compare.OURS:
        return HumanFirst(Policy.of(0, variant.parameters or {}))
    return compare.make_router(variant.router)


def build_table(finished_runs: Sequence[Mapping[str, Any]]) -> list[dict[str, dict[str, Any]]]:
    """Return for each variant its numbers: mean, half of the interval, and the same of the difference.

    Only repetitions that every variant has lived through count; the first variant is what the others are
    compared with, in pairs.
    """
    count = 1 + max(run["variant"] for run in finished_runs)
    runs = {(run["repetition"], run["variant"]): run["numbers"] for run in finished_runs}
    whole = [r for r in {r for r, _ in runs} if all((r, variant) in runs for variant in range(count))]
    days = [[runs[r, variant] for r in sorted(whole)] for variant in range(count)]
    return [_numbers(own, days[0] if variant else None) for variant, own in enumerate(days)]


def _numbers(own: list[dict[str, float]], base: list[dict[str, float]] | None) -> dict[str, dict[str, Any]]:
    names = [name for name in own[0] if all(name in day for day in own)] if own else []
    numbers: dict[str, dict[str, Any]] = {}
    for name in names:
        entry: dict[str, Any] = {"n": len(own), **_interval([day[name] for day in own])}
        if base and all(name in day for day in base):
            differences = [day[name] - other[name] for day, other in zip(own, base, strict=True)]
            entry["difference"] = _interval(differences)
        numbers[name] = entry
    return numbers


def _interval(values: Sequence[float]) -> dict[str, float | None]:
    bounds = compare.confidence_interval(values)
    half = None if math.isinf(bounds.half) else round(bounds.half, 5)
    return {"mean": round(bounds.mean, 5), "half": half}


def _busy(busy: Mapping[str, Any], stretch: Stretch, change: Change, seed: int) -> tuple[Day, Stretch]:
    """Return an invented busy day of a company of that size and those habits, and the stretch it replaces."""
    workload: Workload = replace(
        WORKLOADS[BUSY],
        seats=busy["seats"],
        hours=busy["hours"],
        mix=tuple(busy["mix"]),
        work=tuple(busy["work"]),
    )
    day = draw_workload(workload, seed)
    plain = Stretch(
        starts_at=stretch.starts_at, length=day.length, arrivals=(), people=(),
        usual=stretch.usual, targets=stretch.targets,
    )  # fmt: skip
    if change == AS_IT_WAS:
        return day, plain
    return replace(day, people=_other_people(day, change, seed)), plain


def _other_people(day: Day, change: Change, seed: int) -> list[Any]:
    """Return an invented day's people with more or fewer of them in the windows asked for."""
    models = {person.id: person for person in day.people}
    workers = tuple(Worker(person.id, person.slots) for person in day.people)
    chance = Random(seed)  # noqa: S311
    persons = []
    for worker in change_staff(workers, change, chance):
        model = models.get(worker.id) or chance.choice(list(models.values()))
        persons.append(replace(model, id=worker.id, slots=worker.slots))
    return sorted(persons, key=lambda person: person.id)
