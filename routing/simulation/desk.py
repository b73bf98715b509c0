"""One agent in a simulated day: their open jobs, and how fast they finish them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from routing.engine import Medium, WorkItem
from routing.simulation.day import Contact, Person

DONE = 1e-7


@dataclass(eq=False, slots=True)
class Job:
    """A contact on its way through a day; a transfer makes a new job of the same contact."""

    contact: Contact
    at: float
    item: WorkItem
    is_transfer: bool = False
    tries: int = 1
    waits: bool = False
    excluded: set[int] = field(default_factory=set)
    started_at: float | None = None
    ended_at: float | None = None
    left_at: float | None = None
    column: int = -1
    level: int = 0
    known_on_duty: bool = False

    @property
    def medium(self) -> Medium:
        return self.contact.medium


@dataclass(eq=False, slots=True)
class Desk:
    """Calls have a person wholly; chats share them at `rates`; a mail is worked on while no live work is."""

    person: Person
    column: int
    rates: tuple[float, ...]
    call: Job | None = None
    chats: dict[Job, float] = field(default_factory=dict)
    mail: Job | None = None
    call_left: float = 0.0
    mail_left: float = 0.0
    offer: Job | None = None
    on_duty: bool = False
    is_lost: bool = False
    at: float = 0.0
    epoch: int = 0
    busy: float = 0.0
    available: float = 0.0

    @property
    def is_busy(self) -> bool:
        """Say whether anything is worked on."""
        return self.call is not None or bool(self.chats) or self.mail is not None

    def advance(self, now: float) -> None:
        """Work on the open jobs until `now`."""
        passed = now - self.at
        self.at = now
        if passed <= 0:
            return
        if self.call is not None:
            self.call_left -= passed
        elif self.chats:
            worked = passed * self.rates[len(self.chats) - 1] / len(self.chats)
            for chat in self.chats:
                self.chats[chat] -= worked
        elif self.mail is not None:
            self.mail_left -= passed
        elif not self.on_duty:
            return
        else:
            self.available += passed
            return
        self.busy += passed
        self.available += passed

    def next_end(self) -> float:
        """Return in how many seconds something will be done, if nothing changes."""
        if self.call is not None:
            return max(0.0, self.call_left)
        if self.chats:
            return max(0.0, min(self.chats.values()) * len(self.chats) / self.rates[len(self.chats) - 1])
        return max(0.0, self.mail_left) if self.mail is not None else math.inf

    def put(self, job: Job, work: float, resume_seconds: float) -> bool:
        """Begin a job; return whether that broke into a mail."""
        breaks_in = self.mail is not None and self.call is None and not self.chats
        if job.medium is Medium.MAIL:
            self.mail, self.mail_left = job, work
            return False
        if breaks_in:
            self.mail_left += resume_seconds
        if job.medium is Medium.VOICE:
            self.call, self.call_left = job, work
        else:
            self.chats[job] = work
        return breaks_in

    def take_done(self) -> list[Job]:
        """Remove the finished jobs and return them."""
        done: list[Job] = []
        if self.call is not None:
            if self.call_left <= DONE:
                done.append(self.call)
                self.call = None
        elif self.chats:
            done += [chat for chat, left in self.chats.items() if left <= DONE]
            for chat in done:
                del self.chats[chat]
        elif self.mail is not None and self.mail_left <= DONE:
            done.append(self.mail)
            self.mail = None
        return done
