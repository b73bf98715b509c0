"""How others route, described anew from their documentation or code, to be compared with.

Each is an order in which waiting work is looked at and a way to choose among the people who could take it.
They share the floor, the required skill and language, and one new item a person and a pass. None of them
but one is known to let calls break into mails, so that is off unless a comparison asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from routing.engine import Medium
from routing.engine.team import Bools, Floats
from routing.simulation.desk import Job
from routing.simulation.floor import Floor, Gift

MEDIA = tuple(Medium)
PRIORITY = {Medium.VOICE: 3, Medium.CHAT: 2, Medium.MAIL: 1}
MINUTES_AHEAD = {Medium.VOICE: 10.0, Medium.CHAT: 5.0, Medium.MAIL: 0.0}
SKILLED_FOR = {Medium.VOICE: 30.0, Medium.CHAT: 60.0, Medium.MAIL: 1800.0}
RING_FOR = {Medium.VOICE: 15.0, Medium.CHAT: 30.0, Medium.MAIL: 600.0}
KNOWN_FOR = 15.0
GOOD = 3


@dataclass
class Baseline:
    """A router made of two functions: `order` sorts, smallest first; `prefer` says who, highest first.

    `skilled_for` tells for how long only people of level 3 are asked, `known_for` for how long only the one
    who knows the customer.
    """

    order: Callable[[Job, float], tuple[float, ...]]
    prefer: Callable[[Baseline, Job, float], Floats]
    skilled_for: dict[Medium, float] | None = None
    known_for: float = 0.0
    interrupts: bool = False
    heartbeat_seconds: float = 15.0
    served: int = 0
    last_served: Floats = field(default_factory=lambda: np.zeros(0))
    _masks: dict[tuple[int, str, str, int], Bools] = field(default_factory=dict)

    def begin(self, floor: Floor) -> None:
        self.floor, self.team = floor, floor.team
        self.last_served = np.zeros(len(floor.team))

    def arrived(self, job: Job, now: float) -> Iterable[Gift]:
        return self._give([job], now)

    def freed(self, column: int, now: float) -> Iterable[Gift]:
        only = self.team.nobody()
        only[column] = True
        return self._give(self.floor.waiting.for_person(self.floor.desks[column].person), now, only)

    def swept(self, now: float) -> Iterable[Gift]:
        return self._give(self.floor.waiting.for_everybody(), now)

    def _give(self, jobs: Sequence[Job], now: float, among: Bools | None = None) -> list[Gift]:
        hands = {medium: self._hands(medium, now) for medium in MEDIA}
        gifts: list[Gift] = []
        for job in sorted(jobs, key=lambda job: self.order(job, now)):
            able = hands[job.medium] & self._can(job, now)
            if among is not None:
                able &= among
            if not able.any():
                continue
            column = self._choose(job, able, now)
            gifts.append((job, column))
            self.served += 1
            self.last_served[column] = self.served
            for free in hands.values():
                free[column] = False
            if among is not None:
                break
        return gifts

    def _choose(self, job: Job, able: Bools, now: float) -> int:
        columns = np.flatnonzero(able)
        if len(columns) == 1:
            return int(columns[0])
        liked = self.prefer(self, job, now)[columns]
        best = columns[liked >= liked.max() - 1e-9]
        return int(best[np.argmin(self.last_served[best])])

    def _hands(self, medium: Medium, now: float) -> Bools:
        """Return present agents with free capacity for a medium."""
        team = self.team
        there: Bools = (
            (team.shift_until > now) & (team.seen_at >= now) & ~team.offer_open & team.allows(medium)
        )
        there &= team.calls == 0
        if medium is Medium.MAIL:
            there &= (team.active_mails == 0) & (team.chats == 0)
            return there
        unbroken = team.active_mails > 0
        if self.interrupts:
            unbroken &= team.mail_interrupted & (team.chats == 0)
        there &= ~unbroken
        there &= team.chats < (1 if medium is Medium.VOICE else team.chat_limit)
        return there

    def _can(self, job: Job, now: float) -> Bools:
        contact, waited = job.contact, now - job.at
        rings = self.skilled_for is not None and waited < self.skilled_for[job.medium]
        skilled = rings and contact.topic != ""
        able = self._kind(job, max(contact.least, GOOD) if skilled else contact.least)
        if job.excluded:
            able = able & ~np.isin(self.team.ids, list(job.excluded))
        if waited < self.known_for and job.known_on_duty and contact.past not in job.excluded:
            able = able & (self.team.ids == contact.past)
        return able

    def _kind(self, job: Job, level: int) -> Bools:
        contact, team = job.contact, self.team
        key = (contact.queue, contact.topic, contact.language, level)
        if key not in self._masks:
            self._masks[key] = (
                team.works_in(contact.queue)
                & (team.level(contact.topic) >= level)
                & team.speaks(contact.language)
            )
        return self._masks[key]


def first_come(job: Job, now: float) -> tuple[float, ...]:
    """Look at what came first, whatever it is."""
    return (job.at,)


def by_priority(job: Job, now: float) -> tuple[float, ...]:
    """Look at calls, then chats, then mails; important customers first; then what came first."""
    return (-PRIORITY[job.medium], -job.contact.weight, job.at)


def by_minutes(job: Job, now: float) -> tuple[float, ...]:
    """Look at what has the most minutes of wait, calls 10 and chats 5 minutes ahead."""
    return (-((now - job.at) / 60 + MINUTES_AHEAD[job.medium]), job.at)


def anybody(router: Baseline, job: Job, now: float) -> Floats:
    """Prefer nobody: agents take turns (round robin)."""
    return np.zeros(len(router.team))


def least_loaded(router: Baseline, job: Job, now: float) -> Floats:
    """Prefer the agent with the fewest open items."""
    team = router.team
    return -(team.chats + team.active_mails).astype(np.float64)


def longest_idle(router: Baseline, job: Job, now: float) -> Floats:
    """Prefer the agent who has been idle the longest."""
    team = router.team
    idle = (team.chats == 0) & (team.active_mails == 0)
    return np.where(idle, -team.last_contact_at, -now)


def best_skilled(router: Baseline, job: Job, now: float) -> Floats:
    """Prefer the highest level; equals go round."""
    return router.team.level(job.contact.topic).astype(np.float64)


BASELINES: dict[str, Callable[[], Baseline]] = {
    "round robin": lambda: Baseline(first_come, anybody),
    "least loaded": lambda: Baseline(first_come, least_loaded),
    "longest idle": lambda: Baseline(first_come, longest_idle),
    "priority": lambda: Baseline(by_priority, longest_idle),
    "known agent": lambda: Baseline(by_priority, longest_idle, known_for=KNOWN_FOR),
    "spare capacity": lambda: Baseline(by_priority, least_loaded, skilled_for=SKILLED_FOR),
    "best skill": lambda: Baseline(by_minutes, best_skilled, skilled_for=RING_FOR),
}
