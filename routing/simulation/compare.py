"""Policies on the same days, side by side: means, and paired intervals of the differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.engine import Policy
from routing.simulation.floor import Floor, Router
from routing.simulation.measures import Measures, measure_day
from routing.simulation.policies.baselines import BASELINES
from routing.simulation.policies.human_first import HumanFirst
from routing.simulation.workloads import Workload, draw_day

OURS = "human first"
# The tail of Student's t at 97.5 %, by degrees of freedom; beyond thirty the normal's is near enough.
T_975 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12,
         2.11, 2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04)  # fmt: skip


type Live = Callable[[Workload, str, int], dict[str, float]]


@dataclass(frozen=True)
class Interval:
    """A mean with half the width of its 95 % interval."""

    mean: float
    half: float

    @property
    def is_clear(self) -> bool:
        """Say whether the interval leaves nought out."""
        return abs(self.mean) > self.half


def make_router(name: str, policy: Policy | None = None) -> Router:
    """Return a fresh router by its name. Raises KeyError for an unknown one."""
    return _ours(policy) if name == OURS else BASELINES[name]()


def router_names() -> list[str]:
    """Return all routers' names, ours first."""
    return [OURS, *BASELINES]


def simulate_day(workload: Workload, name: str, seed: int, policy: Policy | None = None) -> Measures:
    """Live through one day of a workload with one router."""
    return measure_day(Floor(draw_day(workload, seed), make_router(name, policy)).run())


def _live(workload: Workload, name: str, seed: int) -> dict[str, float]:
    return simulate_day(workload, name, seed).as_data()


def simulate_days(
    workload: Workload,
    seeds: Sequence[int],
    routers: Iterable[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
    lived: Live = _live,
) -> dict[str, list[dict[str, float]]]:
    """Live through the same days with each router; return the measures of every day by router.

    `lived` answers for one day and may remember days it has seen before.
    """
    results: dict[str, list[dict[str, float]]] = {}
    for name in routers or router_names():
        for seed in seeds:
            results.setdefault(name, []).append(lived(workload, name, seed))
            say(f"{workload.name}, {name}, seed {seed}: {results[name][-1]}")
    return results


def compare_paired(
    ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]]
) -> dict[str, Interval]:
    """Return for each measure the mean of ours minus theirs over the same days, with its interval."""
    return {
        name: confidence_interval([our[name] - their[name] for our, their in zip(ours, theirs, strict=True)])
        for name in ours[0]
    }


def confidence_interval(values: Sequence[float]) -> Interval:
    """Return the mean of values and half of its 95 % interval (Student's t); infinite for a single one."""
    n = len(values)
    if n < 2:
        return Interval(float(np.mean(values)), math.inf)
    t = T_975[n - 2] if n - 2 < len(T_975) else 1.96
    return Interval(float(np.mean(values)), float(t * np.std(values, ddof=1) / math.sqrt(n)))


def build_table(results: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Return means by router, and ours minus each other with half of the interval, as plain data."""
    means = {name: {key: round(confidence_interval([d[key] for d in days]).mean, 5) for key in days[0]}
             for name, days in results.items()}  # fmt: skip
    others = {name: days for name, days in results.items() if name != OURS and OURS in results}
    differences = {
        name: {
            key: {"mean": round(gap.mean, 5), "half": None if math.isinf(gap.half) else round(gap.half, 5),
                  "is_clear": gap.is_clear}
            for key, gap in compare_paired(results[OURS], days).items()
        }
        for name, days in others.items()
    }  # fmt: skip
    return {"means": means, "ours_minus": differences}


def _ours(policy: Policy | None) -> HumanFirst:
    """Return our router. Handling times hold the wrap-up, so no breather is added to them twice."""
    return HumanFirst(policy or Policy(breather_seconds=0))
