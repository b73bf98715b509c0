"""The routing engine: frozen values in, decisions with reasons out. No Django, no clock, no I/O.

The values, the policy and the decisions are light and named here, so that pages can speak of them. Deciding
needs NumPy and lies in `routing.engine.decide`, which only processes that route import.
"""

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
from routing.engine.policy import MediumRules, Policy
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
]
