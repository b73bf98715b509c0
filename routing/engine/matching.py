"""Which of several items goes to which of several agents: the most items placed, then the highest sum."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from routing.engine.decision import RuleCode
from routing.engine.plan import Plan
from routing.engine.scoring import urgency
from routing.engine.team import Bools, Ints


@cache
def load_solver() -> Callable[..., tuple[Ints, Ints]]:
    """Return SciPy's solver; a process that routes calls this before it takes any lock.

    Imported here and not above: SciPy costs a process more than a second of CPU at start.
    """
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # noqa: PLC0415

    solver: Callable[..., tuple[Ints, Ints]] = linear_sum_assignment
    return solver


def match(plan: Plan, rows: Sequence[int], kept: Mapping[int, Bools] | None = None) -> None:
    """Place waiting rows of a plan; `kept` names columns a row may not use.

    The most urgent go first where there are more than a batch. Matching waits for nobody: it settles
    what is there, and only where both sides queue is it more than picking the best.
    """
    kept = kept or {}
    able = {}
    for row in rows:
        if row not in plan.picks:
            columns = plan.open(row) & ~kept[row] if row in kept else plan.open(row)
            if columns.any():
                able[row] = columns
    batch = _most_urgent(plan, list(able))
    if batch:
        mask = np.array([able[row] for row in batch])
        _place(plan, batch, np.flatnonzero(mask.any(axis=0)), mask)


def _most_urgent(plan: Plan, rows: list[int]) -> list[int]:
    limit = plan.tick.policy.batch_items
    chosen = sorted(rows, key=lambda row: (-urgency(plan.tick, row), row))
    for row in chosen[limit:]:
        plan.fired(row, RuleCode.NOT_REACHED)
    return sorted(chosen[:limit])


def _place(plan: Plan, rows: list[int], columns: Ints, mask: NDArray[np.bool_]) -> None:
    if len(rows) == 1:
        plan.pick(rows[0], plan.best(rows[0], mask[0])[0])
    elif len(columns) == 1:
        column = int(columns[0])
        able = [row for row, open_to in zip(rows, mask, strict=True) if open_to[column]]
        plan.pick(max(able, key=lambda row: (plan.value(row)[column], -row)), column)
    else:
        _place_together(plan, np.array(rows), columns, mask)


def _place_together(plan: Plan, rows: Ints, columns: Ints, mask: NDArray[np.bool_]) -> None:
    """Solve the assignment problem on the best few agents of each item."""
    mask, value = mask[:, columns], np.array([plan.value(row)[columns] for row in rows.tolist()])
    useful = _useful(plan, mask, value, plan.tick.places[columns])
    columns, mask, value = columns[useful], mask[:, useful], value[:, useful]
    order = plan.tick.places[columns].argsort().argsort()
    tie = 0.4 * (1 - order / len(columns)) / len(rows)
    spread = float(np.ptp(value[mask])) + 1
    base = spread * (min(mask.shape) + 1) - float(value[mask].min())
    worth = np.where(mask, value + base + tie, 0.0)
    for row, column in zip(*load_solver()(worth, maximize=True), strict=True):
        if mask[row, column]:
            plan.fired(int(rows[row]), RuleCode.MATCHED, items=len(rows), agents=len(columns))
            plan.pick(int(rows[row]), int(columns[column]))


def _useful(plan: Plan, mask: NDArray[np.bool_], value: NDArray[np.float64], places: Ints) -> Ints:
    """Return the columns that are among the best of some item.

    With n items an item never needs more than its n best agents, so nothing is lost.
    """
    items, agents = mask.shape
    keep = max(plan.tick.policy.candidates_per_item, items)
    if agents <= keep:
        return np.arange(agents)
    rank = np.where(mask, value - places / (places.max() + 1), -np.inf)
    best = np.argpartition(-rank, keep - 1, axis=1)[:, :keep]
    used = np.zeros(agents, dtype=np.bool_)
    used[best.ravel()] = True
    return np.flatnonzero(used)
