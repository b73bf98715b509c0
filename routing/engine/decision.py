"""What the engine answers for each item: who takes it or that it waits, and every reason, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any


class Refusal(StrEnum):
    """Why an agent cannot take an item now."""

    QUEUE = "queue"
    SKILL = "skill"
    LANGUAGE = "language"
    REGION = "region"
    CLEARANCE = "clearance"
    EXCLUDED = "excluded"
    LEAVE = "leave"
    SHIFT = "shift"
    SHIFT_ENDS = "shift_ends"
    PRESENCE = "presence"
    STATUS = "status"
    FOCUS = "focus"
    WANTED = "wanted"
    BREATHER = "breather"
    OFFER_OPEN = "offer_open"
    PLACES = "places"
    SETTLING = "settling"
    CAPACITY = "capacity"
    HOLD = "hold"


class TermCode(StrEnum):
    """One part of a score, in customer-seconds."""

    URGENCY = "urgency"
    FIT = "fit"
    CONTINUITY = "continuity"
    FAIRNESS = "fairness"
    CONGESTION = "congestion"
    PRICE = "price"
    INTERRUPTION = "interruption"


class RuleCode(StrEnum):
    """A rule beside the score that had a part in a decision."""

    ELDER = "elder"
    ELDER_TURN = "elder_turn"
    HOLD = "hold"
    LADDER = "ladder"
    RESERVE = "reserve"
    DRAINING = "draining"
    MATCHED = "matched"
    ONE_PER_TICK = "one_per_tick"
    NOT_REACHED = "not_reached"


class TieBreak(StrEnum):
    """What settled an equal score."""

    LONGEST_FREE = "longest_free"
    DRAWN = "drawn"


type Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that fired, with the values that make a sentence of it."""

    code: RuleCode
    values: tuple[tuple[str, Value], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the rule as JSON-ready data: its code beside its values."""
        return {"code": self.code.value, **dict(self.values)}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is worth saying about an agent beside the score."""

    known_times: int = 0
    known_first_at: float | None = None
    known_last_at: float | None = None
    owns_case: bool = False
    language: str = ""
    level: int | None = None
    places_free: int = 0
    places: int = 0
    chats: int = 0
    free_since: float = 0.0


FACTS = tuple(field.name for field in fields(Facts))
_facts_of = attrgetter(*FACTS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent with a score: terms in customer-seconds that add up to `total`.

    `taken_by` names the item that got this agent in the same tick, when it was another one.
    """

    agent: int
    total: float
    terms: tuple[tuple[TermCode, float], ...]
    facts: Facts
    taken_by: int | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the candidate as JSON-ready data; seconds to a tenth."""
        return {
            "agent": self.agent,
            "total": round(self.total, 1),
            "terms": {code: round(seconds, 1) for code, seconds in self.terms},
            "facts": dict(zip(FACTS, _facts_of(self.facts), strict=True)),
            "taken_by": self.taken_by,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one item. `winner` is None when it waits; the rest says why, either way.

    `eligible` and `ruled_out` (first reason of each, agents grouped by it) cover every agent given.
    `elder_credit` is the winner's new count of items taken while an overdue mail waited.
    """

    item: int
    at: float
    policy_version: int
    policy_hash: str
    winner: Candidate | None
    runners_up: tuple[Candidate, ...]
    eligible: tuple[int, ...]
    ruled_out: tuple[tuple[Refusal, tuple[int, ...]], ...]
    rules: tuple[Rule, ...]
    tie_break: TieBreak | None = None
    elder_credit: int = 0

    @property
    def agent(self) -> int | None:
        """Return who takes the item, or None while it waits."""
        return self.winner.agent if self.winner else None

    @property
    def counts(self) -> Mapping[Refusal, int]:
        """Return how many agents each predicate removed."""
        return {code: len(agents) for code, agents in self.ruled_out}

    def refusal(self, agent: int) -> Refusal | None:
        """Return why this agent could not take the item, or None if they could."""
        return next((code for code, agents in self.ruled_out if agent in agents), None)

    def as_data(self, most: int | None = None) -> dict[str, Any]:
        """Return the decision as JSON-ready data that names at most `most` agents of each group."""
        return self.choice_as_data() | self.grounds_as_data(most)

    def choice_as_data(self) -> dict[str, Any]:
        """Return what is an item's own: who takes it, how people were weighed, which rules fired."""
        return {
            "item": self.item,
            "at": self.at,
            "agent": self.agent,
            "policy_version": self.policy_version,
            "policy_hash": self.policy_hash,
            "winner": self.winner.as_data() if self.winner else None,
            "runners_up": [candidate.as_data() for candidate in self.runners_up],
            "rules": [rule.as_data() for rule in self.rules],
            "tie_break": self.tie_break,
            "elder_credit": self.elder_credit,
        }

    def grounds_as_data(self, most: int | None = None) -> dict[str, Any]:
        """Return who could take it and who could not: the same, even by identity, for all who ask alike."""
        return {
            "eligible": self.eligible[:most],
            "eligible_count": len(self.eligible),
            "ruled_out": {code.value: agents[:most] for code, agents in self.ruled_out},
            "counts": {code.value: len(agents) for code, agents in self.ruled_out},
        }
