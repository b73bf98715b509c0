"""The plan of a tick: assignments and reservations so far, and the rules that fired for each item."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from routing.engine.decision import Rule, RuleCode, TermCode, Value
from routing.engine.feasibility import Feasibility
from routing.engine.scoring import Share, likeness, score, terms
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
    _kinds: dict[int, Hashable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.busy = self.tick.nobody()

    def kind(self, row: int) -> Hashable:
        """Return a key that is equal for items with the same scores."""
        if row not in self._kinds:
            self._kinds[row] = likeness(self.tick, row)
        return self._kinds[row]

    def terms(self, row: int) -> dict[TermCode, Share]:
        """Return every term of an item's score."""
        return self.tick.once(("terms", self.kind(row)), lambda: terms(self.tick, row))

    def total(self, row: int) -> Floats:
        """Return every agent's score for an item."""
        return self.tick.once(("total", self.kind(row)), lambda: score(self.tick, self.terms(row)))

    def value(self, row: int) -> Floats:
        """Return the scores in whole seconds; smaller differences do not matter."""
        return self.tick.once(("value", self.kind(row)), lambda: np.rint(self.total(row)))

    def able(self, row: int) -> Bools:
        """Return agents who could take an item at the start of the tick."""
        able = self.feasible.able(self.tick.ask_of[row])
        held = self.holds.get(row)
        if held is None:
            return able
        only = self.tick.nobody()
        only[held] = able[held]
        return only

    def open(self, row: int) -> Bools:
        """Return agents who can still take an item: one item per tick, and none if reserved by `drain`."""
        return self.able(row) & ~self.busy

    def best(self, row: int, among: Bools, count: int = 1) -> list[int]:
        """Return the columns with the highest scores; ties go to the longest idle, then by lot."""
        columns = np.flatnonzero(among)
        rank = self.value(row)[columns] - self.tick.standing[columns]
        if len(columns) > count:
            top = np.argpartition(-rank, count - 1)[:count]
            columns, rank = columns[top], rank[top]
        best: list[int] = columns[np.argsort(-rank)].tolist()
        return best

    def leaders(self, row: int, count: int) -> list[int]:
        """Return the best of all who could take an item at the start of the tick."""
        kind = ("leaders", count, self.kind(row), self.holds.get(row))
        return self.tick.once(kind, lambda: self.best(row, self.able(row), count))

    def pick(self, row: int, column: int) -> None:
        """Assign an item to an agent."""
        self.picks[row] = column
        self.taken[column] = row
        self.busy[column] = True

    def drain(self, row: int, column: int) -> None:
        """Reserve an agent, so that they are free for an overdue item."""
        self.draining[column] = row
        self.busy[column] = True

    @cached_property
    def passed_over(self) -> Bools:
        """Return agents who could have taken an overdue mail that still waits when the plan is finished."""
        passed = self.tick.nobody()
        for row in self.tick.elders:
            if row not in self.picks and not self.tick.items[row].medium.is_live:
                passed |= self.able(row)
        return passed

    def fired(self, row: int, code: RuleCode, **values: Value) -> None:
        """Record that a rule affected an item."""
        self.rules.setdefault(row, []).append(Rule(code, tuple(values.items())))
