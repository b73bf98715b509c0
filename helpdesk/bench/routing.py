"""Routing on simulated days: ours beside seven others with paired intervals, and the loop beside exact queues."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from routing.engine import Policy
from routing.simulation import analytic, compare, promises_kept
from routing.simulation.workloads import WORKLOADS, Workload

COMPARED = ("W2", "W3", "W4")
PROMISED = ("steady", "W2", "W3")
SEEDS = range(11, 21)  # none of them was used to choose parameters
RUNS, FEWEST_RUNS, ARRIVALS = 16, 4, 130_000


def measure_routing(
    *, days: int = len(SEEDS), seats: int = 200, keep: Path | None = None, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Return means and paired differences by workload, and each exact queue's distance in standard errors.

    With them: how many promises were kept on a steady, a busy and a surging day.

    Fewer days than ten mean fewer and shorter runs of the queues as well. `keep` names a file of JSON lines,
    one a finished day or queue; a run that finds it goes on from there.
    """
    seeds, kept = SEEDS[:days], Kept(keep)
    share = len(seeds) / len(SEEDS)
    runs, arrivals = max(FEWEST_RUNS, round(RUNS * share)), round(ARRIVALS * share)
    results: dict[str, Any] = {
        "seeds": list(seeds),
        "seats": seats,
        "analytic": {},
        "workloads": {},
        "promises": {},
    }
    for name in COMPARED:
        days_of = compare.simulate_days(WORKLOADS[name].of_size(seats), seeds, say=say, lived=kept.day)
        results["workloads"][name] = compare.build_table(days_of)
    for name in PROMISED:
        kinds = [kept.promises(WORKLOADS[name].of_size(seats), seed) for seed in seeds]
        results["promises"][name] = promises_kept.together(kinds)
        say(f"{name}, promises: {results['promises'][name]}")
    for point in analytic.POINTS:
        results["analytic"][point.name] = kept.queue(point, runs, arrivals)
        say(f"{point.name}: {results['analytic'][point.name]}")
    return results


class Kept:
    """What was measured before, by what it was measured of; each new measure is written at once."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path and path.exists() else []
        self.known = {json.dumps(key): value for key, value in map(json.loads, lines)}

    def day(self, workload: Workload, name: str, seed: int) -> dict[str, float]:
        """Return the measures of a day with one router."""
        ours = Policy().hash if name == compare.OURS else ""
        key = [_digest(workload), name, seed, ours]
        return self._once(key, lambda: compare.simulate_day(workload, name, seed).as_data())

    def promises(self, workload: Workload, seed: int) -> dict[str, float]:
        """Return what became of a day's promises to written requests, with our router."""
        key = ["promises", _digest(workload), seed, Policy().hash]
        return self._once(key, lambda: promises_kept.live(workload, seed))

    def queue(self, point: analytic.Point, runs: int, arrivals: int) -> dict[str, float]:
        """Return an exact queue's distances in standard errors, and of how many arrivals."""
        key = [point.name, runs, arrivals]
        return self._once(
            key, lambda: {**analytic.compute_errors(point, runs, arrivals), "arrivals": runs * arrivals}
        )

    def _once(self, key: Iterable[object], measure: Callable[[], dict[str, float]]) -> dict[str, float]:
        name = json.dumps(key)
        if name not in self.known:
            self.known[name] = measure()
            if self.path:
                with self.path.open("a") as lines:
                    lines.write(json.dumps([key, self.known[name]]) + "\n")
        result: dict[str, float] = self.known[name]
        return result


def _digest(workload: Workload) -> str:
    """Return the name of a workload with a few digits that change with any of its numbers."""
    return f"{workload.name} {hashlib.sha256(repr(workload).encode()).hexdigest()[:8]}"
