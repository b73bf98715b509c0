"""The people of a tick as columns: one array a fact, kept warm by whoever decides again and again.

A router or a simulation makes a team once and writes what changes into its arrays; `decide` makes one from
frozen values where nobody kept any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.values import CALL_UNITS, CHAT_UNITS, QUIET_CHAT_UNITS, Agent, Medium

type Bools = NDArray[np.bool_]
type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

NEVER = -math.inf


@dataclass
class Team:
    """Columns in the order of `ids`, which rise. Names and meanings are those of `Agent`.

    `shift_until` is minus infinity off shift, `back_at` infinity for who said nothing; `group` numbers the
    peer groups. `lasting` keeps what is worked out from facts that seldom change: call `forget` after
    changing who can what.
    """

    ids: Ints
    seen_at: Floats
    shift_until: Floats
    back_at: Floats
    on_leave: Bools
    stays_late: Bools
    focus: Bools
    voice: Bools
    chat: Bools
    mail: Bools
    calls: Ints
    chats: Ints
    quiet_chats: Ints
    chat_limit: Ints
    active_mails: Ints
    mail_interrupted: Bools
    places: Ints
    places_held: Ints
    offer_open: Bools
    last_contact_at: Floats
    last_live_at: Floats
    live_ends_at: Floats
    occupancy: Floats
    group: Ints
    elder_credit: Ints
    regions: Sequence[str]
    levels: dict[str, Ints]
    speakers: dict[str, Bools]
    members: dict[int, Bools]
    cleared: dict[str, Bools]
    settling: Bools | None = None
    lasting: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, agents: Iterable[Agent]) -> Team:
        """Return the columns of frozen values, in the order of their ids."""
        team = sorted(agents, key=lambda agent: agent.id)
        groups = {name: number for number, name in enumerate(sorted({agent.group for agent in team}))}
        return cls(
            ids=ints(a.id for a in team),
            seen_at=floats(a.seen_at for a in team),
            shift_until=floats(NEVER if a.shift_until is None else a.shift_until for a in team),
            back_at=floats(math.inf if a.back_at is None else a.back_at for a in team),
            on_leave=bools(a.on_leave for a in team),
            stays_late=bools(a.stays_late for a in team),
            focus=bools(a.focus for a in team),
            voice=bools(Medium.VOICE in a.media for a in team),
            chat=bools(Medium.CHAT in a.media for a in team),
            mail=bools(Medium.MAIL in a.media for a in team),
            calls=ints(a.calls for a in team),
            chats=ints(a.chats for a in team),
            quiet_chats=ints(a.quiet_chats for a in team),
            chat_limit=ints(a.chat_limit for a in team),
            active_mails=ints(a.active_mails for a in team),
            mail_interrupted=bools(a.mail_interrupted for a in team),
            places=ints(a.places for a in team),
            places_held=ints(a.places_held for a in team),
            offer_open=bools(a.offer_open for a in team),
            last_contact_at=floats(a.last_contact_at for a in team),
            last_live_at=floats(NEVER if a.last_live_at is None else a.last_live_at for a in team),
            live_ends_at=floats(a.live_ends_at for a in team),
            occupancy=floats(a.occupancy for a in team),
            group=ints(groups[a.group] for a in team),
            elder_credit=ints(a.elder_credit for a in team),
            regions=[a.region for a in team],
            levels=build_levels([{skill.skill: skill.level for skill in a.skills} for a in team]),
            speakers=holders([a.languages for a in team]),
            members=holders([a.queues for a in team]),
            cleared=holders([a.clearances for a in team]),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def kept[T](self, name: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` gave since the last `forget`: only for facts that seldom change."""
        if name not in self.lasting:
            self.lasting[name] = compute()
        result: T = self.lasting[name]
        return result

    def forget(self) -> None:
        """Work out again what depends on skills, languages, queues, clearances, regions and groups."""
        self.lasting.clear()

    @property
    def column(self) -> dict[int, int]:
        """Return agent id → column."""
        return self.kept("column", lambda: {id: column for column, id in enumerate(self.ids.tolist())})

    @property
    def live_units(self) -> Ints:
        """Return the units of 100 each agent has in live work; a quiet chat keeps a few."""
        units: Ints = CALL_UNITS * self.calls + CHAT_UNITS * self.chats + QUIET_CHAT_UNITS * self.quiet_chats
        return units

    def allows(self, medium: Medium) -> Bools:
        """Return whose status allows a medium."""
        return {Medium.VOICE: self.voice, Medium.CHAT: self.chat, Medium.MAIL: self.mail}[medium]

    def level(self, skill: str) -> Ints:
        """Return each agent's level in one skill; 0 for those without."""
        level = self.levels.get(skill)
        return self.kept("no level", lambda: np.zeros(len(self), dtype=np.int64)) if level is None else level

    def speaks(self, language: str) -> Bools:
        """Return who speaks a language."""
        return self._holding(self.speakers, language)

    def works_in(self, queue: int) -> Bools:
        """Return who may work in a queue."""
        return self._holding(self.members, queue)

    def is_cleared(self, clearance: str) -> Bools:
        """Return who has a clearance."""
        return self._holding(self.cleared, clearance)

    def is_in(self, region: str) -> Bools:
        """Return who is in a region."""
        return self.kept(("region", region), lambda: bools(name == region for name in self.regions))

    def nobody(self) -> Bools:
        """Return a fresh row in which no agent is marked."""
        return np.zeros(len(self.ids), dtype=np.bool_)

    def _holding[K](self, holders: dict[K, Bools], key: K) -> Bools:
        column = holders.get(key)
        return self.nobody() if column is None else column


def ints(values: Iterable[int]) -> Ints:
    """Return an array of whole numbers."""
    return np.fromiter(values, dtype=np.int64)


def floats(values: Iterable[float]) -> Floats:
    """Return an array of fractions."""
    return np.fromiter(values, dtype=np.float64)


def bools(values: Iterable[bool]) -> Bools:
    """Return an array of yes and no."""
    return np.fromiter(values, dtype=np.bool_)


def build_levels(held: Sequence[dict[str, int]]) -> dict[str, Ints]:
    """Return skill → each agent's level in it, from what each one holds."""
    levels: dict[str, Ints] = {}
    for column, skills in enumerate(held):
        for skill, level in skills.items():
            row = levels.get(skill)
            if row is None:
                row = levels[skill] = np.zeros(len(held), dtype=np.int64)
            row[column] = level
    return levels


def holders[K](held: Sequence[Iterable[K]]) -> dict[K, Bools]:
    """Return for each key who holds it, from what each one holds."""
    columns: dict[K, Bools] = {}
    for column, keys in enumerate(held):
        for key in keys:
            row = columns.get(key)
            if row is None:
                row = columns[key] = np.zeros(len(held), dtype=np.bool_)
            row[column] = True
    return columns
