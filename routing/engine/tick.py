"""The rows and columns of one tick: values in canonical order beside the arrays computed from them.

Items that ask for the same share one `Ask`, so that feasibility is worked out once for all of them.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.policy import Policy
from routing.engine.values import Agent, Medium, Need, WorkItem

type Bools = NDArray[np.bool_]
type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

MEDIA = tuple(Medium)


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
    """Items × agents at one moment. Columns follow `agents`, rows follow `items` or `asks`."""

    items: Sequence[WorkItem]
    agents: Sequence[Agent]
    policy: Policy
    now: float
    asks: list[Ask] = field(init=False)
    ask_of: Ints = field(init=False)
    cache: dict[Hashable, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put both sides in canonical order, so that the order they came in cannot matter."""
        self.items = sorted(self.items, key=lambda item: (item.eligible_at, item.id))
        self.agents = sorted(self.agents, key=lambda agent: agent.id)
        rows: dict[Ask, int] = {}
        self.ask_of = ints(rows.setdefault(self._ask(item), len(rows)) for item in self.items)
        self.asks = list(rows)

    def once[T](self, name: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` gave the first time this name was asked for in this tick."""
        if name not in self.cache:
            self.cache[name] = compute()
        result: T = self.cache[name]
        return result

    def ask(self, row: int) -> Ask:
        """Return what the item of a row asks for."""
        return self.asks[int(self.ask_of[row])]

    def waited_seconds(self, item: WorkItem) -> float:
        """Return how long an item has waited in time that counts."""
        return max(0.0, self.now - item.eligible_at - item.closed_seconds)

    @cached_property
    def elders(self) -> dict[int, None]:
        """Return the rows of items that waited so long that they go first, in the order they became so."""
        since = {
            row: item.eligible_at + item.closed_seconds + self.policy.elder_seconds(item)
            for row, item in enumerate(self.items)
        }
        rows = (row for row, moment in since.items() if moment <= self.now)
        return dict.fromkeys(sorted(rows, key=lambda row: (since[row], self.items[row].id)))

    @cached_property
    def column(self) -> dict[int, int]:
        """Return agent id → column."""
        return {agent.id: column for column, agent in enumerate(self.agents)}

    @cached_property
    def ids(self) -> Ints:
        """Return the agents' ids."""
        return ints(agent.id for agent in self.agents)

    @cached_property
    def seen_at(self) -> Floats:
        """Return when each agent was last heard of."""
        return floats(agent.seen_at for agent in self.agents)

    @cached_property
    def last_contact_at(self) -> Floats:
        """Return when each agent's last contact ended."""
        return floats(agent.last_contact_at for agent in self.agents)

    @cached_property
    def shift_left(self) -> Floats:
        """Return the seconds left in each agent's shift; none off shift."""
        return floats(agent.shift_until or self.now for agent in self.agents) - self.now

    @cached_property
    def live_units(self) -> Ints:
        """Return the units of 100 each agent has in live work."""
        return ints(agent.live_units for agent in self.agents)

    @cached_property
    def chats(self) -> Ints:
        """Return the chats each agent holds."""
        return ints(agent.chats for agent in self.agents)

    @cached_property
    def active_mails(self) -> Ints:
        """Return the mails each agent handles right now."""
        return ints(agent.active_mails for agent in self.agents)

    @cached_property
    def occupancy(self) -> Floats:
        """Return the share of available time each agent spent in contact."""
        return floats(agent.occupancy for agent in self.agents)

    @cached_property
    def free_seconds(self) -> Floats:
        """Return how long each agent has had no contact; 0 in live work."""
        since = self.now - self.last_contact_at
        return np.where(self.live_units > 0, 0.0, np.maximum(since, 0.0))

    @cached_property
    def levels(self) -> dict[str, Ints]:
        """Return skill → each agent's level in it; 0 for those without."""
        levels: dict[str, Ints] = {}
        for column, agent in enumerate(self.agents):
            for skill in agent.skills:
                row = levels.get(skill.skill)
                if row is None:
                    row = levels[skill.skill] = np.zeros(len(self.agents), dtype=np.int64)
                row[column] = skill.level
        return levels

    def level(self, skill: str) -> Ints:
        """Return each agent's level in one skill."""
        return self.levels.get(skill, np.zeros(len(self.agents), dtype=np.int64))

    @cached_property
    def speakers(self) -> dict[str, Bools]:
        """Return language → who speaks it."""
        return self._holders([agent.languages for agent in self.agents])

    @cached_property
    def members(self) -> dict[int, Bools]:
        """Return queue → who may work in it."""
        return self._holders([agent.queues for agent in self.agents])

    @cached_property
    def cleared(self) -> dict[str, Bools]:
        """Return clearance → who has it."""
        return self._holders([agent.clearances for agent in self.agents])

    def nobody(self) -> Bools:
        """Return a row in which no agent is marked."""
        return np.zeros(len(self.agents), dtype=np.bool_)

    def tie_order(self) -> Ints:
        """Return each agent's place among equals: longest since a contact, then drawn for the day."""
        day = int(self.now // 86400)
        drawn = _mixed(self.ids.astype(np.uint64) + np.uint64(day % 2**32) * np.uint64(2**32))
        place = np.empty(len(self.agents), dtype=np.int64)
        place[np.lexsort((drawn, self.last_contact_at))] = np.arange(len(self.agents))
        return place

    def _ask(self, item: WorkItem) -> Ask:
        wants = bool(item.wanted) or (bool(item.language) and not item.language_required)
        hold = item.hold
        return Ask(
            medium=item.medium,
            queue=item.queue,
            required=item.required,
            wanted=item.wanted,
            language=item.language,
            language_required=item.language_required,
            region=item.region,
            clearances=item.clearances,
            excluded=frozenset(out.agent for out in item.excluded if out.until > self.now),
            held_for=hold.agent if hold and hold.until > self.now else None,
            step=self._step(item) if wants else 0,
        )

    def _step(self, item: WorkItem) -> int:
        share = self.waited_seconds(item) / self.policy.target_seconds(item)
        return sum(share >= rung for rung in self.policy.ladder)

    def _holders[K](self, held: Sequence[frozenset[K]]) -> dict[K, Bools]:
        holders: dict[K, Bools] = {}
        for column, keys in enumerate(held):
            for key in keys:
                row = holders.get(key)
                if row is None:
                    row = holders[key] = self.nobody()
                row[column] = True
        return holders


def ints(values: Iterable[int]) -> Ints:
    """Return an array of whole numbers."""
    return np.fromiter(values, dtype=np.int64)


def floats(values: Iterable[float]) -> Floats:
    """Return an array of fractions."""
    return np.fromiter(values, dtype=np.float64)


def bools(values: Iterable[bool]) -> Bools:
    """Return an array of yes and no."""
    return np.fromiter(values, dtype=np.bool_)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return splitmix64 of each value: a draw that is the same on every machine."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
