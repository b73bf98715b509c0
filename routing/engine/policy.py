"""The parameters of a routing policy: one frozen value with a version and a hash, no logic of its own.

Defaults were tuned by simulation; levels' effects on speed and transfers are assumptions that
measurements replace (per skill and level, never per person: a person's speed must not decide his work).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from routing.engine.values import Medium, WorkItem

HOUR = 3600.0


@dataclass(frozen=True)
class MediumRules:
    """What a policy says about one medium, in seconds; `offer_seconds` is how long an offer stands."""

    target_seconds: float
    elder_seconds: float
    handling_seconds: float
    continuity_seconds: float
    hold_seconds: float
    offer_seconds: float


@dataclass(frozen=True)
class Policy:
    """Every number the engine uses. Levels index `speed` and `transfer` (0 to 5)."""

    version: int = 1
    voice: MediumRules = MediumRules(20, 300, 300, 1500, 0, 15)
    chat: MediumRules = MediumRules(60, 480, 480, 1500, 0, 20)
    mail: MediumRules = MediumRules(4 * HOUR, 4 * HOUR, 420, 600, 3 * HOUR, 600)
    urgency_seconds: float = 60.0
    speed: tuple[float, ...] = (1.40, 1.25, 1.10, 1.00, 0.93, 0.88)
    transfer: tuple[float, ...] = (0.25, 0.15, 0.09, 0.05, 0.03, 0.02)
    transfer_seconds: float = 200.0
    fit_weight: float = 2.5
    relation_share: float = 0.8
    relation_half_life_days: float = 30.0
    fairness_weight: float = 0.50
    idle_weight: float = 0.02
    idle_cap_seconds: float = 600.0
    congestion_weight: float = 0.1
    chat_rates: tuple[float, ...] = (1.0, 1.7, 2.1)
    price_seconds: float = 600.0
    resume_seconds: float = 120.0
    demand: tuple[tuple[str, float], ...] = ()
    ladder: tuple[float, ...] = (0.25, 0.50, 0.75)
    elder_share: int = 4
    reserve: float = 1.0
    reserve_gone_at: float = 0.5
    hold_strength: float = 0.1
    hold_shift_seconds: float = 420.0
    hold_gone_at: float = 0.75
    presence_seconds: float = 25.0
    mail_presence_seconds: float = 90.0
    breather_seconds: float = 10.0
    long_breather_seconds: float = 30.0
    breather_occupancy: float = 0.99
    active_mails: int = 1
    mail_interruptible: bool = True
    chat_interrupts: bool = False
    mail_live_units: int = 33
    batch_items: int = 200
    candidates_per_item: int = 20

    def __post_init__(self) -> None:
        """Refuse numbers under which an overdue mail would never get its turn, or nothing be given."""
        for name in ("elder_share", "batch_items", "candidates_per_item", "active_mails"):
            if getattr(self, name) < 1:
                raise ValueError(f"“{name}” must be at least 1.")

    @classmethod
    def of(cls, version: int, parameters: Mapping[str, Any]) -> "Policy":
        """Return the defaults with `parameters` (a JSON object) laid over them.

        Raises ValueError with a sentence that names the parameter that is unknown or has a wrong value.
        """
        values: dict[str, Any] = {"version": version}
        known = {field.name: getattr(cls, field.name) for field in fields(cls)}
        for name, value in parameters.items():
            if name not in known or name == "version":
                raise ValueError(f"There is no routing parameter “{name}”.")
            values[name] = _like(name, known[name], value)
        return cls(**values)

    def rules(self, medium: Medium) -> MediumRules:
        """Return what this policy says about a medium."""
        by_medium = {Medium.VOICE: self.voice, Medium.CHAT: self.chat, Medium.MAIL: self.mail}
        return by_medium[medium]

    def target_seconds(self, item: WorkItem) -> float:
        """Return the wait this item should not exceed: its own, or its medium's."""
        return item.target_seconds or self.rules(item.medium).target_seconds

    def elder_seconds(self, item: WorkItem) -> float:
        """Return the wait after which this item goes first; for mail no later than its target."""
        elder = self.rules(item.medium).elder_seconds
        return elder if item.medium.is_live else min(elder, self.target_seconds(item))

    @cached_property
    def hash(self) -> str:
        """Return 12 hex digits that change with any parameter, for the record of a decision."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _like(name: str, default: object, value: object) -> object:
    """Return `value` in the shape of the default it replaces."""
    if isinstance(default, MediumRules):
        return _rules(name, default, value)
    if name == "demand":
        return _shares(name, value)
    if isinstance(default, tuple):
        return _numbers(name, default, value)
    if isinstance(default, bool):
        return bool(value)
    number = _number(name, value)
    return int(number) if isinstance(default, int) else number


def _rules(name: str, default: MediumRules, value: object) -> MediumRules:
    if not isinstance(value, Mapping) or not set(value) <= {field.name for field in fields(default)}:
        raise ValueError(f"“{name}” has a part that routing does not know.")
    return replace(default, **{part: _number(f"{name}.{part}", number) for part, number in value.items()})


def _shares(name: str, value: object) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"“{name}” needs a share for each skill.")
    return tuple(sorted((str(skill), _number(name, share)) for skill, share in value.items()))


def _numbers(name: str, default: tuple[float, ...], value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or len(value) != len(default):
        raise ValueError(f"“{name}” needs a list of {len(default)} numbers.")
    return tuple(_number(name, number) for number in value)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError(f"“{name}” needs a number that is not negative.")
    return float(value)
