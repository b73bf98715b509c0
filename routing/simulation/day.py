"""What a simulated day is made of: people with their hours and skills, and the contacts that come.

Everything chance decides about a day is drawn before it begins and lies in these values, so that every
policy meets exactly the same day. Moments and durations are seconds since the day's start.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from routing.engine import Medium


@dataclass(frozen=True, slots=True)
class Person:
    """A simulated agent: hours, skills (topic → level), languages."""

    id: int
    slots: tuple[tuple[float, float], ...]
    topics: dict[str, int]
    languages: frozenset[str]
    breaks: tuple[tuple[float, float], ...] = ()
    lost: tuple[tuple[float, float], ...] = ()
    group: str = ""
    queues: frozenset[int] = frozenset({0})
    chat_limit: int = 3


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who wants something. `work` is handling at level 3; `draws` are chances used on the way.

    `past` is the person who helped before, `owns_case` whether it is their open case, `days` since when.
    `least` is the level of the topic that is a must, `wanted` one that is a wish; where the language is no
    must it is a wish, too. `target` is a wait of its own that should not be exceeded.
    """

    id: int
    medium: Medium
    at: float
    topic: str
    language: str
    work: float
    patience: float
    draws: tuple[float, float, float] = (0.5, 0.5, 0.5)
    weight: float = 1.0
    past: int | None = None
    owns_case: bool = False
    days: float = 0.0
    queue: int = 0
    least: int = 1
    wanted: int = 0
    must_speak: bool = True
    target: float | None = None


@dataclass(frozen=True)
class Day:
    """A day's people and contacts, the contacts by time; `length` is opening hours in seconds.

    The rest says how people and customers behave: shares between 0 and 1, and how soon an offer is answered.
    """

    name: str
    people: Sequence[Person]
    contacts: Sequence[Contact]
    length: float
    speed: tuple[float, ...] = (1.40, 1.25, 1.10, 1.00, 0.93, 0.88)
    transfer: tuple[float, ...] = (0.25, 0.15, 0.09, 0.05, 0.03, 0.02)
    chat_rates: tuple[float, ...] = (1.0, 1.7, 2.1)
    answer_seconds: float = 0.0
    decline_share: float = 0.0
    redial_share: float = 0.0
    callback_share: float = 0.0
    resume_seconds: float = 60.0
    demand: tuple[tuple[str, float], ...] = field(default=())
