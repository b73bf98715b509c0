"""The rows and columns of one tick: values in canonical order beside the arrays computed from them.

Items that ask for the same share one `Ask`, so that feasibility is worked out once for all of them.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.policy import Policy
from routing.engine.team import Bools, Floats, Ints, Team, floats, ints
from routing.engine.values import Medium, Need, WorkItem


@dataclass(frozen=True, slots=True)
class Ask:
    """All that decides who could take an item; `step` counts the rungs of the skill ladder gone down."""

    medium: Medium
    queue: int
    required: tuple[Need, ...]
    wanted: tuple[Need, ...]
    language: str
    language_required: bool
    region: str
    clearances: frozenset[str]
    excluded: frozenset[int]
    held_for: int | None
    step: int


@dataclass
class Tick:
    """Items × agents at one moment. Columns follow the team, rows follow `items` or `asks`."""

    items: Sequence[WorkItem]
    team: Team
    policy: Policy
    now: float
    asks: list[Ask] = field(init=False)
    ask_of: list[int] = field(init=False)
    cache: dict[Hashable, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the items in canonical order, so that the order they came in cannot matter."""
        self.items = sorted(self.items, key=lambda item: (item.eligible_at, item.id))
        rows: dict[Ask, int] = {}
        self.ask_of = [rows.setdefault(self._ask(item), len(rows)) for item in self.items]
        self.asks = list(rows)

    def once[T](self, name: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` gave the first time this name was asked for in this tick."""
        if name not in self.cache:
            self.cache[name] = compute()
        result: T = self.cache[name]
        return result

    def ask(self, row: int) -> Ask:
        """Return what the item of a row asks for."""
        return self.asks[self.ask_of[row]]

    def waited_seconds(self, item: WorkItem) -> float:
        """Return how long an item has waited in time that counts."""
        return max(0.0, self.now - item.eligible_at - item.closed_seconds)

    @cached_property
    def elders(self) -> dict[int, None]:
        """Return the rows of overdue items, which go first, in the order in which they became overdue."""
        since = {
            row: item.eligible_at + item.closed_seconds + self.policy.elder_seconds(item)
            for row, item in enumerate(self.items)
        }
        rows = (row for row, moment in since.items() if moment <= self.now)
        return dict.fromkeys(sorted(rows, key=lambda row: (since[row], self.items[row].id)))

    @cached_property
    def shift_left(self) -> Floats:
        """Return the seconds left in each agent's shift; minus infinity off shift."""
        left: Floats = self.team.shift_until - self.now
        return left

    @cached_property
    def live_units(self) -> Ints:
        """Return the units of 100 each agent has in live work."""
        return self.team.live_units

    @cached_property
    def free_seconds(self) -> Floats:
        """Return how long each agent has had no contact; 0 in live work."""
        since = self.now - self.team.last_contact_at
        return np.where(self.live_units > 0, 0.0, np.maximum(since, 0.0))

    @cached_property
    def heard(self) -> Bools:
        """Return agents whose last heartbeat is recent enough for live work."""
        heard: Bools = self.team.seen_at >= self.now - self.policy.presence_seconds
        return heard

    def nobody(self) -> Bools:
        """Return a row in which no agent is marked."""
        return self.team.nobody()

    @cached_property
    def places(self) -> Ints:
        """Return each agent's rank among equals: longest without a contact first, then by the day's lot."""
        day = int(self.now // 86400)
        drawn = self.team.kept(("drawn", day), lambda: _drawn(self.team.ids, day))
        place = np.empty(len(self.team), dtype=np.int64)
        place[np.lexsort((drawn, self.team.last_contact_at))] = np.arange(len(self.team))
        return place

    @cached_property
    def standing(self) -> Floats:
        """Return each agent's place as a fraction, so that it settles equal scores and nothing else."""
        return self.places / len(self.places)

    def _ask(self, item: WorkItem) -> Ask:
        wants = bool(item.wanted) or (bool(item.language) and not item.language_required)
        hold = item.hold
        return Ask(
            item.medium,
            item.queue,
            item.required,
            item.wanted,
            item.language,
            item.language_required,
            item.region,
            item.clearances,
            frozenset(out.agent for out in item.excluded if out.until > self.now)
            if item.excluded
            else frozenset(),
            hold.agent if hold and hold.until > self.now else None,
            self._step(item) if wants else 0,
        )

    def _step(self, item: WorkItem) -> int:
        share = self.waited_seconds(item) / self.policy.target_seconds(item)
        return sum(share >= rung for rung in self.policy.ladder)


def _drawn(ids: Ints, day: int) -> NDArray[np.uint64]:
    return _mixed(ids.astype(np.uint64) + np.uint64(day % 2**32) * np.uint64(2**32))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return splitmix64 of each value: a draw that is the same on every machine."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


__all__ = ["Ask", "Bools", "Floats", "Ints", "Tick", "floats", "ints"]
