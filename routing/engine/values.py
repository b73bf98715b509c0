"""The frozen values the engine decides on: what waits, and who could take it.

Moments are seconds since any fixed origin (the Unix epoch in production, the start of the day in a
simulation); durations are seconds. Nothing here reads a clock.
"""

from dataclasses import dataclass
from enum import StrEnum

CALL_UNITS = 100
CHAT_UNITS = 33
QUIET_CHAT_UNITS = 10


class Medium(StrEnum):
    """How a piece of work occupies a person: a call wholly, a chat by a third, a mail interruptibly."""

    VOICE = "voice"
    CHAT = "chat"
    MAIL = "mail"

    @property
    def is_live(self) -> bool:
        """Say whether a customer waits on the line."""
        return self is not Medium.MAIL


@dataclass(frozen=True, slots=True)
class Need:
    """A skill and the level (0 to 5) somebody must or should have in it."""

    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class Known:
    """What ties an agent to the customer of an item: how often, how lately, and whose case it is."""

    agent: int
    times: int = 0
    last_at: float | None = None
    owns_case: bool = False
    first_at: float | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An agent who is not asked again for this item before `until` (declined, did not answer)."""

    agent: int
    until: float


@dataclass(frozen=True, slots=True)
class Hold:
    """An item kept for one agent until a moment, because the customer or a person asked for it."""

    agent: int
    until: float


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that waits for a person.

    `eligible_at` survives offers, returns and transfers. `closed_seconds` is the part of the wait that
    does not count (outside opening hours). `target_seconds` overrides the policy's target, and
    `language_required` says whether the language is a must or is waived late, like wanted skills.
    """

    id: int
    medium: Medium
    eligible_at: float
    queue: int = 0
    weight: float = 1.0
    target_seconds: float | None = None
    closed_seconds: float = 0.0
    required: tuple[Need, ...] = ()
    wanted: tuple[Need, ...] = ()
    language: str = ""
    language_required: bool = True
    region: str = ""
    clearances: frozenset[str] = frozenset()
    known: tuple[Known, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A person as the engine sees them at one moment.

    `media` is what their status allows, `shift_until` is None off shift, `back_at` is when somebody away
    said they return. `occupancy` is the share of their available time spent in contact, weighted by
    expected effort. `active_mails` counts mails handled right now, `places_held` those assigned and open.
    `elder_credit` counts new items taken while an overdue mail waited that they could have taken.
    """

    id: int
    media: frozenset[Medium] = frozenset(Medium)
    seen_at: float = 0.0
    shift_until: float | None = None
    on_leave: bool = False
    stays_late: bool = False
    back_at: float | None = None
    focus: bool = False
    queues: frozenset[int] = frozenset({0})
    skills: tuple[Need, ...] = ()
    languages: frozenset[str] = frozenset()
    region: str = ""
    clearances: frozenset[str] = frozenset()
    calls: int = 0
    chats: int = 0
    quiet_chats: int = 0
    chat_limit: int = 3
    active_mails: int = 0
    mail_interrupted: bool = False
    places: int = 5
    places_held: int = 0
    offer_open: bool = False
    last_contact_at: float = 0.0
    last_live_at: float | None = None
    live_ends_at: float = 0.0
    occupancy: float = 0.0
    group: str = ""
    elder_credit: int = 0

    @property
    def live_units(self) -> int:
        """Return the units of 100 that calls and chats take now; a quiet chat keeps a few."""
        return CALL_UNITS * self.calls + CHAT_UNITS * self.chats + QUIET_CHAT_UNITS * self.quiet_chats
