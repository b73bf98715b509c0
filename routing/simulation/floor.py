"""The event loop of a simulated day: contacts come, wait, give up, are given to people and are done.

The loop knows nothing of routing. A router is told what happened and answers with whom gets what; the loop
carries it out and keeps the team's columns true.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from typing import Protocol

from routing.engine import Medium
from routing.engine.team import NEVER, Team
from routing.simulation.day import Contact, Day
from routing.simulation.desk import Desk, Job
from routing.simulation.policies.as_seen import build_agent, build_item
from routing.simulation.waiting import Waiting

AFTER_CLOSE = 5400.0
SWEEP_SECONDS = 5.0
AGAIN_SECONDS = 1.0
TIMEOUT = {Medium.VOICE: 15.0, Medium.CHAT: 20.0}
EXCLUDED_SECONDS = 600.0
REDIAL_AFTER = 120.0
CALLBACK_AFTER = 900.0
MOST_TRIES = 3

type Gift = tuple[Job, int]


class Router(Protocol):
    """A router. Each method returns pairs of a job and the column of the agent who gets it."""

    heartbeat_seconds: float

    def begin(self, floor: Floor) -> None: ...
    def arrived(self, job: Job, now: float) -> Iterable[Gift]: ...
    def freed(self, column: int, now: float) -> Iterable[Gift]: ...
    def swept(self, now: float) -> Iterable[Gift]: ...


class Floor:
    """A day in progress, and in the end its record: `jobs`, `desks` and `interruptions`."""

    def __init__(self, day: Day, router: Router) -> None:
        self.day, self.router = day, router
        self.now = 0.0
        self.jobs: list[Job] = []
        self.desks = [Desk(person, column, day.chat_rates) for column, person in enumerate(day.people)]
        self.column = {person.id: column for column, person in enumerate(day.people)}
        self.team = Team.of(build_agent(person) for person in day.people)
        self.waiting = Waiting()
        self.interruptions = 0
        self.lost_offers = 0
        self._events: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._sequence = 0
        self._sweeping = False

    def run(self) -> Floor:
        """Run the day; agents who stay after closing time work on mails for a while."""
        self._plan_people()
        self.router.begin(self)
        contacts = iter(self.day.contacts)
        following = next(contacts, None)
        close = self.day.length + AFTER_CLOSE
        while following is not None or self._events:
            if following is not None and (not self._events or following.at <= self._events[0][0]):
                self.now = following.at
                self._arrive(following, following.at)
                following = next(contacts, None)
                continue
            self.now, _, action, details = heapq.heappop(self._events)
            if self.now > close:
                break
            action(*details)
        for desk in self.desks:
            desk.advance(min(self.now, close))
        return self

    def after(self, seconds: float, action: Callable[..., None], *details: object) -> None:
        """Schedule an action after some seconds."""
        self._sequence += 1
        heapq.heappush(self._events, (self.now + seconds, self._sequence, action, details))

    def occupancy(self, prior_seconds: float) -> None:
        """Update the team's occupancy; an agent who has just started counts as average."""
        busy = available = 0.0
        for desk in self.desks:
            desk.advance(self.now)
            busy += desk.busy
            available += desk.available
        mean = busy / available if available else 0.0
        for desk in self.desks:
            self.team.occupancy[desk.column] = (desk.busy + mean * prior_seconds) / (
                desk.available + prior_seconds
            )

    def _plan_people(self) -> None:
        for desk in self.desks:
            for begin, end in desk.person.slots:
                self._at(begin, self._begin_slot, desk, end)
                self._at(end, self._end_slot, desk)
            for begin, end in desk.person.breaks:
                self._at(begin, self._set_may_work, desk, False)
                self._at(end, self._set_may_work, desk, True)
            for begin, end in desk.person.lost:
                self._at(begin, self._lose_connection, desk)
                self._at(end, self._restore_connection, desk)

    def _at(self, moment: float, action: Callable[..., None], *details: object) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (moment, self._sequence, action, details))

    def _begin_slot(self, desk: Desk, end: float) -> None:
        desk.advance(self.now)
        desk.on_duty = True
        self.team.shift_until[desk.column] = end
        self._offer_work(desk)

    def _end_slot(self, desk: Desk) -> None:
        desk.advance(self.now)
        desk.on_duty = False
        self.team.shift_until[desk.column] = NEVER

    def _set_may_work(self, desk: Desk, is_allowed: bool) -> None:
        team = self.team
        team.voice[desk.column] = team.chat[desk.column] = team.mail[desk.column] = is_allowed
        if is_allowed:
            self._offer_work(desk)

    def _lose_connection(self, desk: Desk) -> None:
        desk.is_lost = True
        self.team.seen_at[desk.column] = self.now + self.router.heartbeat_seconds  # noticed only then

    def _restore_connection(self, desk: Desk) -> None:
        desk.is_lost = False
        self.team.seen_at[desk.column] = math.inf
        self._offer_work(desk)

    def _arrive(self, contact: Contact, at: float, tries: int = 1) -> None:
        job = Job(contact, at, build_item(contact, len(self.jobs) + 1, at), tries=tries)
        past = self.column.get(contact.past) if contact.past is not None else None
        job.known_on_duty = past is not None and self.desks[past].on_duty
        self._wait(job)

    def _wait(self, job: Job) -> None:
        self.jobs.append(job)
        job.waits = True
        self.waiting.add(job)
        if job.contact.patience < math.inf:
            self.after(job.contact.patience, self._give_up, job)
        self._give(self.router.arrived(job, self.now))
        if not self._sweeping and len(self.waiting):
            self._sweeping = True
            self.after(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = False
        if len(self.waiting):
            self._give(self.router.swept(self.now))
        if len(self.waiting):
            self._sweeping = True
            self.after(SWEEP_SECONDS, self._sweep)

    def _give_up(self, job: Job) -> None:
        if job.started_at is not None or job.left_at is not None:
            return
        job.left_at = self.now
        if job.waits:
            self._stop_waiting(job)
        else:
            self._close_offer(self.desks[job.column])
        self._redial_or_call_back(job)

    def _redial_or_call_back(self, job: Job) -> None:
        """Let some customers who gave up call again, or be called back if they asked for it."""
        day, draw = self.day, job.contact.draws[1]
        if job.tries >= MOST_TRIES or job.is_transfer:
            return
        if draw < day.redial_share:
            self.after(REDIAL_AFTER, self._return, job)
        elif draw < day.redial_share + day.callback_share and job.medium is Medium.VOICE:
            self.after(CALLBACK_AFTER, self._return, job)

    def _return(self, job: Job) -> None:
        self._arrive(job.contact, self.now, job.tries + 1)

    def _stop_waiting(self, job: Job) -> None:
        job.waits = False
        self.waiting.remove(job)

    def _give(self, gifts: Iterable[Gift]) -> None:
        for job, column in gifts:
            desk = self.desks[column]
            self._stop_waiting(job)
            job.column = column
            if job.medium is not Medium.MAIL and (self.day.answer_seconds or desk.is_lost):
                self._offer(job, desk)
            else:
                self._start(job, desk)

    def _offer(self, job: Job, desk: Desk) -> None:
        desk.offer = job
        self.team.offer_open[desk.column] = True
        if desk.is_lost:
            self.lost_offers += 1
            self.after(TIMEOUT[job.medium], self._answer, desk, job, False)
        else:
            self.after(self.day.answer_seconds, self._answer, desk, job, not self._declines(job, desk))

    def _declines(self, job: Job, desk: Desk) -> bool:
        drawn = (job.contact.id * 2_654_435_761 + desk.person.id * 40_503) % 10_007 / 10_007
        return drawn < self.day.decline_share

    def _answer(self, desk: Desk, job: Job, is_yes: bool) -> None:
        if desk.offer is not job:
            return
        self._close_offer(desk)
        if is_yes:
            self._start(job, desk)
            return
        job.column = -1
        job.excluded.add(desk.person.id)
        job.item = build_item(job.contact, job.item.id, job.at, job.excluded, self.now + EXCLUDED_SECONDS)
        job.waits = True
        self.waiting.add(job)
        self._give(self.router.arrived(job, self.now))
        self._offer_work(desk)

    def _close_offer(self, desk: Desk) -> None:
        desk.offer = None
        self.team.offer_open[desk.column] = False

    def _start(self, job: Job, desk: Desk) -> None:
        desk.advance(self.now)
        job.started_at = self.now
        job.level = desk.person.topics.get(job.contact.topic, 0)
        work = job.contact.work * self.day.speed[job.level]
        if desk.put(job, work, self.day.resume_seconds):
            self.interruptions += 1
            self.team.mail_interrupted[desk.column] = True
        self._write(desk)
        self._schedule(desk)
        if self.waiting.live and desk.call is None and len(desk.chats) < desk.person.chat_limit:
            self.after(AGAIN_SECONDS, self._offer_work, desk)

    def _schedule(self, desk: Desk) -> None:
        desk.epoch += 1
        seconds = desk.next_end()
        if seconds < math.inf:
            self.after(seconds, self._end, desk, desk.epoch)

    def _end(self, desk: Desk, epoch: int) -> None:
        if epoch != desk.epoch:
            return
        desk.advance(self.now)
        done = desk.take_done()
        for job in done:
            job.ended_at = self.now
            self.team.last_contact_at[desk.column] = self.now
            if job.medium is Medium.MAIL:
                self.team.mail_interrupted[desk.column] = False
            else:
                self.team.last_live_at[desk.column] = self.now
        self._write(desk)
        self._schedule(desk)
        for job in done:
            self._transfer(job, desk)
        self._offer_work(desk)

    def _transfer(self, job: Job, desk: Desk) -> None:
        """Transfer some jobs that this agent could not solve."""
        if job.is_transfer or job.contact.draws[0] >= self.day.transfer[job.level]:
            return
        item = build_item(job.contact, len(self.jobs) + 1, self.now, {desk.person.id}, math.inf)
        self._wait(Job(job.contact, self.now, item, is_transfer=True, excluded={desk.person.id}))

    def _offer_work(self, desk: Desk) -> None:
        """Ask the router for work for an agent who may be free."""
        if desk.on_duty and desk.call is None and desk.offer is None and len(self.waiting):
            self._give(self.router.freed(desk.column, self.now))

    def _write(self, desk: Desk) -> None:
        """Write a desk's state into the team's columns."""
        team, column = self.team, desk.column
        team.calls[column] = desk.call is not None
        team.chats[column] = len(desk.chats)
        team.active_mails[column] = desk.mail is not None
        team.live_ends_at[column] = self.now + desk.next_end() if desk.call or desk.chats else 0.0
        if desk.is_busy:
            team.last_contact_at[column] = self.now
