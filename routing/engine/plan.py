"""What a tick has settled so far: who takes what, who is kept, and which rules fired for which item."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from routing.engine.decision import Rule, RuleCode, Value
from routing.engine.feasibility import Feasibility
from routing.engine.scoring import score
from routing.engine.team import Bools, Floats
from routing.engine.tick import Tick


@dataclass
class Plan:
    """Picks by row, with the columns that are taken or draining; filled stage by stage."""

    tick: Tick
    feasible: Feasibility
    picks: dict[int, int] = field(default_factory=dict)
    holds: dict[int, int] = field(default_factory=dict)
    rules: dict[int, list[Rule]] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)
    draining: dict[int, int] = field(default_factory=dict)
    busy: Bools = field(init=False)
    _totals: dict[int, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.busy = self.tick.nobody()

    def total(self, row: int) -> Floats:
        """Return every agent's score for an item."""
        if row not in self._totals:
            self._totals[row] = score(self.tick, row)
        return self._totals[row]

    def value(self, row: int) -> Floats:
        """Return scores in whole seconds: less is no reason to prefer anybody."""
        return np.rint(self.total(row))

    def able(self, row: int) -> Bools:
        """Return who could take an item at the start of the tick."""
        able = self.feasible.able(self.tick.ask_of[row])
        held = self.holds.get(row)
        if held is None:
            return able
        only = self.tick.nobody()
        only[held] = able[held]
        return only

    def open(self, row: int) -> Bools:
        """Return who still can: one new item per agent and tick, and nothing for who drains."""
        return self.able(row) & ~self.busy

    def best(self, row: int, among: Bools, count: int = 1) -> list[int]:
        """Return the columns with the highest scores; equals by longest without contact, then drawn."""
        columns = np.flatnonzero(among)
        rank = self.value(row)[columns] - self.tick.places[columns] / len(self.tick.places)
        if len(columns) > count:
            top = np.argpartition(-rank, count - 1)[:count]
            columns, rank = columns[top], rank[top]
        best: list[int] = columns[np.argsort(-rank)].tolist()
        return best

    def pick(self, row: int, column: int) -> None:
        """Give an item to an agent."""
        self.picks[row] = column
        self.taken[column] = row
        self.busy[column] = True

    def drain(self, row: int, column: int) -> None:
        """Keep an agent from new work, so that an overdue item finds them free."""
        self.draining[column] = row
        self.busy[column] = True

    @cached_property
    def passed_over(self) -> Bools:
        """Return who could have taken an overdue mail that still waits, once the plan is finished."""
        passed = self.tick.nobody()
        for row in self.tick.elders:
            if row not in self.picks and not self.tick.items[row].medium.is_live:
                passed |= self.able(row)
        return passed

    def fired(self, row: int, code: RuleCode, **values: Value) -> None:
        """Note that a rule had a part in what happens to an item."""
        self.rules.setdefault(row, []).append(Rule(code, tuple(values.items())))
