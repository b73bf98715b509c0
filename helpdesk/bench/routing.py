"""Routing on simulated days: ours beside seven others with paired intervals, and the loop beside exact queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from routing.simulation import analytic, compare
from routing.simulation.workloads import WORKLOADS

COMPARED = ("W2", "W3", "W4")
SEEDS = range(11, 21)  # none of them was used to choose parameters
RUNS, ARRIVALS = 16, 130_000


def run(*, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Return means and paired differences by workload, and each exact queue's distance in standard errors."""
    told: dict[str, Any] = {"analytic": {}, "workloads": {}}
    for point in analytic.POINTS:
        told["analytic"][point.name] = analytic.errors(point, RUNS, ARRIVALS)
        say(f"{point.name}: {told['analytic'][point.name]}")
    for name in COMPARED:
        told["workloads"][name] = compare.table(compare.sweep(WORKLOADS[name], SEEDS, say=say))
    return told
