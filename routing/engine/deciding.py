"""Deciding: items and people at one moment in, one decision for each item out."""

from collections.abc import Iterable

from routing.engine.account import account
from routing.engine.decision import Decision
from routing.engine.feasibility import Feasibility
from routing.engine.plan import Plan
from routing.engine.policy import Policy
from routing.engine.selection import select
from routing.engine.team import Team
from routing.engine.tick import Tick
from routing.engine.values import Agent, WorkItem


def decide(
    items: Iterable[WorkItem], agents: Iterable[Agent] | Team, policy: Policy, now: float
) -> list[Decision]:
    """Decide who takes which of the waiting items, and say why; one decision for each item.

    The same values in any order give the same decisions. An agent gets at most one new item. Ids are
    unique on each side; `now` is on the same scale as the moments in the values. A `Team` that is kept
    warm is as good as frozen values.
    """
    finished_plan = plan(items, agents, policy, now)
    return account(finished_plan) if finished_plan.tick.items else []


def plan(items: Iterable[WorkItem], agents: Iterable[Agent] | Team, policy: Policy, now: float) -> Plan:
    """Decide as `decide` does, without putting the reasons together: what a simulation needs."""
    team = agents if isinstance(agents, Team) else Team.of(agents)
    tick = Tick(tuple(items), team, policy, now)
    settled = Plan(tick, Feasibility(tick))
    if tick.items:
        select(settled)
    return settled
