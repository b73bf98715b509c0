"""The routing engine: frozen values in, decisions with reasons out. No Django, no clock, no I/O."""

from collections.abc import Iterable

from routing.engine.account import account
from routing.engine.decision import (
    Candidate,
    Decision,
    Facts,
    Refusal,
    Rule,
    RuleCode,
    TermCode,
    TieBreak,
)
from routing.engine.feasibility import feasibility
from routing.engine.matching import load_solver
from routing.engine.plan import Plan
from routing.engine.policy import MediumRules, Policy
from routing.engine.selection import select
from routing.engine.tick import Tick
from routing.engine.values import Agent, Exclusion, Hold, Known, Medium, Need, WorkItem

__all__ = [
    "Agent",
    "Candidate",
    "Decision",
    "Exclusion",
    "Facts",
    "Hold",
    "Known",
    "Medium",
    "MediumRules",
    "Need",
    "Policy",
    "Refusal",
    "Rule",
    "RuleCode",
    "TermCode",
    "TieBreak",
    "WorkItem",
    "decide",
    "load_solver",
]


def decide(items: Iterable[WorkItem], agents: Iterable[Agent], policy: Policy, now: float) -> list[Decision]:
    """Decide who takes which of the waiting items, and say why; one decision for each item.

    The same values in any order give the same decisions. An agent gets at most one new item. Ids are
    unique on each side; `now` is on the same scale as the moments in the values.
    """
    tick = Tick(tuple(items), tuple(agents), policy, now)
    if not tick.items:
        return []
    plan = Plan(tick, feasibility(tick), tick.tie_order())
    select(plan)
    return account(plan)
