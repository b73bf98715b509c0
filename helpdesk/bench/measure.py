"""Run one operation many times and say what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from helpdesk.bench.cpu import cpu_milliseconds


def measure_operation(
    operation: Callable[[int], Any], *, times: int, roots: Sequence[int], warm: int = 20
) -> dict[str, float]:
    """Return CPU ms per operation of the process trees `roots`, and the wall time's p50, p95 and p99 in ms.

    `operation` gets the number of its run; the first `warm` runs do not count, for PostgreSQL plans a
    statement anew the first eight times that a connection asks it, and one client meets two connections. The
    load is one client after another, so that wall time is service time.
    """
    for number in range(warm):
        operation(number)
    walls = []
    before = cpu_milliseconds(roots)
    for number in range(warm, warm + times):
        started = time.perf_counter()
        operation(number)
        walls.append((time.perf_counter() - started) * 1000)
    spent = cpu_milliseconds(roots) - before
    walls.sort()
    return {
        "cpu_ms": round(spent / times, 2),
        "p50_ms": round(_quantile(walls, 0.50), 2),
        "p95_ms": round(_quantile(walls, 0.95), 2),
        "p99_ms": round(_quantile(walls, 0.99), 2),
        "times": times,
    }


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
