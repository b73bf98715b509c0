"""Engine values for tests: an agent who can do everything and items that anybody can do."""

from dataclasses import replace
from typing import Any

from routing.engine import Agent, Decision, Medium, Need, Policy, WorkItem
from routing.engine.deciding import decide

NOW = 1_800_000.0
HOUR = 3600.0

ALICE, BOB, CAROL = 1, 2, 3


def agent(id: int = ALICE, **changes: Any) -> Agent:
    free = Agent(id=id, seen_at=NOW, shift_until=NOW + 4 * HOUR, languages=frozenset({"en"}), places=5)
    return replace(free, **changes)


def item(id: int = 1, medium: Medium = Medium.MAIL, waited: float = 0.0, **changes: Any) -> WorkItem:
    return replace(WorkItem(id=id, medium=medium, eligible_at=NOW - waited), **changes)


def skills(**levels: int) -> tuple[Need, ...]:
    return tuple(Need(name, level) for name, level in levels.items())


def only(items: WorkItem | list[WorkItem], agents: list[Agent], policy: Policy | None = None) -> Decision:
    (decision,) = decide([items] if isinstance(items, WorkItem) else items, agents, policy or Policy(), NOW)
    return decision


def given(items: list[WorkItem], agents: list[Agent], policy: Policy | None = None) -> dict[int, int | None]:
    return {decision.item: decision.agent for decision in decide(items, agents, policy or Policy(), NOW)}
