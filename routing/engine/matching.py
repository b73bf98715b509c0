"""Match several items with several agents: as many items as possible, then the highest sum of scores."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
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

    If there are more than a batch, the most urgent are matched first. Matching does not wait for more items;
    it differs from picking the best agent only if several items and several agents are there.
    """
    able = _able(plan, rows, kept or {})
    batch = _most_urgent(plan, list(able))
    if len(batch) == 1:
        plan.pick(batch[0], plan.best(batch[0], able[batch[0]])[0])
    elif batch:
        _place(plan, batch, able)


def _able(plan: Plan, rows: Sequence[int], kept: Mapping[int, Bools]) -> dict[int, Bools]:
    """Return for each row with a possible agent the agents who may take it; equal rows share one array."""
    answers: dict[Hashable, Bools | None] = {}
    able: dict[int, Bools] = {}
    for row in rows:
        if row in plan.picks:
            continue
        alike = plan.tick.ask_of[row], plan.holds.get(row), row in kept
        if alike not in answers:
            columns = plan.open(row) & ~kept[row] if row in kept else plan.open(row)
            answers[alike] = columns if columns.any() else None
        if (answer := answers[alike]) is not None:
            able[row] = answer
    return able


def _most_urgent(plan: Plan, rows: list[int]) -> list[int]:
    limit = plan.tick.policy.batch_items
    chosen = sorted(rows, key=lambda row: (-urgency(plan.tick, row), row))
    for row in chosen[limit:]:
        plan.fired(row, RuleCode.NOT_REACHED)
    return sorted(chosen[:limit])


def _place(plan: Plan, rows: list[int], able: Mapping[int, Bools]) -> None:
    """Assign several rows together; values that equal rows share are computed once."""
    kinds: dict[Hashable, int] = {}
    kind_of = [kinds.setdefault((plan.kind(row), id(able[row])), len(kinds)) for row in rows]
    first = [rows[kind_of.index(kind)] for kind in range(len(kinds))]
    mask = np.array([able[row] for row in first])
    columns = np.flatnonzero(mask.any(axis=0))
    if len(columns) == 1:
        column = int(columns[0])
        free = [row for row in rows if able[row][column]]
        plan.pick(max(free, key=lambda row: (plan.value(row)[column], -row)), column)
        return
    value = np.array([plan.value(row)[columns] for row in first])
    _place_together(plan, rows, columns, _Worth(mask[:, columns], value, np.array(kind_of)))


@dataclass
class _Worth:
    """Who may take what and what that is worth, a line for each kind of row; `kind_of` names each row's."""

    mask: NDArray[np.bool_]
    value: NDArray[np.float64]
    kind_of: Ints

    def among(self, columns: Ints) -> "_Worth":
        return _Worth(self.mask[:, columns], self.value[:, columns], self.kind_of)


def _place_together(plan: Plan, rows: list[int], columns: Ints, worth: _Worth) -> None:
    """Solve the assignment problem on the best few agents of each item."""
    useful = _useful(plan, len(rows), worth, plan.tick.places[columns])
    columns, worth = columns[useful], worth.among(useful)
    order = plan.tick.places[columns].argsort().argsort()
    tie = 0.4 * (1 - order / len(columns)) / len(rows)
    least, most = _ends(worth)
    base = (most - least + 1) * (min(len(rows), len(columns)) + 1) - least
    sums = np.where(worth.mask, worth.value + base + tie, 0.0)[worth.kind_of]
    for index, column in zip(*load_solver()(sums, maximize=True), strict=True):
        if worth.mask[worth.kind_of[index], column]:
            plan.fired(rows[index], RuleCode.MATCHED, items=len(rows), agents=len(columns))
            plan.pick(rows[index], int(columns[column]))


def _ends(worth: _Worth) -> tuple[float, float]:
    """Return the least and the most that a pair is worth."""
    values = worth.value[worth.mask]
    return float(values.min()), float(values.max())


def _useful(plan: Plan, items: int, worth: _Worth, places: Ints) -> Ints:
    """Return the columns that are among the best of some item.

    With n items an item never needs more than its n best agents, so nothing is lost.
    """
    agents = worth.mask.shape[1]
    keep = max(plan.tick.policy.candidates_per_item, items)
    if agents <= keep:
        return np.arange(agents)
    rank = np.where(worth.mask, worth.value - places / (places.max() + 1), -np.inf)
    best = np.argpartition(-rank, keep - 1, axis=1)[:, :keep]
    used = np.zeros(agents, dtype=np.bool_)
    used[best.ravel()] = True
    return np.flatnonzero(used)
