"""What customers of a simulated day are promised, by the product's own estimate, and whether it was kept."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import numpy as np

from routing.engine import Medium
from routing.estimates import ranges
from routing.estimates.ranges import CERTAINTY, Answers, Staff
from routing.estimates.spread import LAST_ANSWERS, Spread
from routing.simulation.desk import Job
from routing.simulation.floor import Floor
from routing.simulation.opening import Opening
from routing.simulation.promised_anew import PromisedAnew, Told

COUNTED_EVERY = 120.0
DUTY_REACH = 14 * 86400.0


class Promises:
    """Promises an answer to whatever arrives, as the product does, from what the day has shown so far.

    `usual` (handling seconds) and `targets` are by medium; `answers` the waits of earlier answers by queue,
    those of live work under minus the queue.
    """

    def __init__(
        self,
        floor: Floor,
        opening: Mapping[int, Opening],
        *,
        starts_at: float = 0.0,
        answers: Mapping[int, Sequence[float]],
        usual: Mapping[str, float],
        targets: Mapping[str, float],
    ) -> None:
        self._floor, self._opening, self._starts_at = floor, opening, starts_at
        self._usual, self._targets = usual, targets
        self._hours = {queue: hours_of_queue.hours(starts_at) for queue, hours_of_queue in opening.items()}
        self._waits = {key: deque(waits, LAST_ANSWERS) for key, waits in answers.items()}
        self._open: list[Job] = []
        self._counted_at = -COUNTED_EVERY
        self._counted: dict[int, Answers] = {}
        self._begins = _begins(floor)
        self.until: dict[Job, float] = {}
        self.anew = PromisedAnew(starts_at)

    def make(self, job: Job, now: float) -> None:
        """Promise an answer to a contact that has just come, if an honest promise can be made."""
        self._open.append(job)
        if now - self._counted_at >= COUNTED_EVERY:
            self._count(now)
        for is_live in dict.fromkeys((job.medium is not Medium.MAIL, False)):
            reach = self._expected(job.contact.queue, now, is_live=is_live)
            if reach is not None:
                self.until[job] = reach.until_at.timestamp() - self._starts_at
                if job.medium is Medium.MAIL:
                    self.anew.watch(job, now, self.until[job], is_certain=reach.certainty >= CERTAINTY)
                return

    def kept(self) -> list[bool]:
        """Return for each promise that was due within the day whether a person answered in time."""
        answers = [(_answered_at(job), until) for job, until in self.until.items()]
        end = self._floor.day.length
        return [at is not None and at <= until for at, until in answers if at is not None or until <= end]

    def told(self) -> Told:
        """Return the statistics of promises to written requests, those given with 80 % certainty."""
        return self.anew.told(_answered_at, end=self._floor.day.length)

    def _expected(self, queue: int, now: float, *, is_live: bool) -> ranges.Range | None:
        moment = self._moment(now)
        staff = self._staff(queue, now, is_live=is_live)
        hours = self._hours.get(queue) or Opening().hours(0.0)
        starts = ranges.find_start(staff, hours, moment, is_live=is_live)
        if starts is None:
            return None
        answers = self._counted.get(-queue if is_live else queue, Answers(0, None, None))
        medium = "chat" if is_live else "mail"
        plan = partial(
            ranges.estimate_from_plan,
            staff,
            hours,
            starts,
            handling_seconds=self._usual[medium],
            target_seconds=self._targets[medium],
            is_live=is_live,
        )
        reach, _method = ranges.choose_range(answers, staff, hours, starts, plan, is_live=is_live)
        return reach

    def _staff(self, queue: int, now: float, *, is_live: bool) -> Staff:
        team, waiting = self._floor.team, self._floor.waiting
        there = team.works_in(queue) & (team.shift_until > now)
        free_capacity = places = 0
        ahead = sum(job.contact.queue == queue for job in waiting.live)
        if is_live:
            there = there & team.chat
            left = np.where(team.calls > 0, 0, np.maximum(0, team.chat_limit - team.chats))
            free_capacity, places = int(left[there].sum()), int(team.chat_limit[there].sum())
        else:
            ahead += sum(len(jobs) for kind, jobs in waiting.mails.items() if kind[0] == queue)
        following = self._begins.get(queue, [])
        place = bisect_right(following, now)
        coming = following[place] if place < len(following) and following[place] < now + DUTY_REACH else None
        next_shift = self._moment(coming) if coming is not None else None
        ahead = max(0, ahead - 1)  # the one that is promised something waits there already
        return Staff(int(np.count_nonzero(there)), 0, next_shift, ahead, free_capacity, places)

    def _count(self, now: float) -> None:
        """Count the waits of the latest answers, as the product's sweep does."""
        self._counted_at = now
        still = []
        for job in self._open:
            at = _answered_at(job)
            if at is not None:
                self._keep(job, at)
            elif job.left_at is None:
                still.append(job)
        self._open = still
        waiting = self._waiting(now)
        spreads = {key: Spread(waits, waiting.get(key, ())) for key, waits in self._waits.items()}
        self._counted = {key: spread.answers() for key, spread in spreads.items()}
        self.anew.look(now, spreads, self._hours)

    def _waiting(self, now: float) -> dict[int, list[float]]:
        """Return by queue how long its written requests have waited, in open seconds."""
        found: dict[int, list[float]] = defaultdict(list)
        for job in self._open:
            if job.medium is Medium.MAIL:
                opening = self._opening.get(job.contact.queue) or Opening()
                found[job.contact.queue].append(opening.between(job.at, now))
        return found

    def _keep(self, job: Job, at: float) -> None:
        queue = job.contact.queue
        opening = self._opening.get(queue) or Opening()
        self.anew.answered(job)
        if job.medium is Medium.MAIL:
            self._waits.setdefault(queue, deque(maxlen=LAST_ANSWERS)).append(opening.between(job.at, at))
        if job.medium is Medium.CHAT:
            self._waits.setdefault(-queue, deque(maxlen=LAST_ANSWERS)).append(at - job.at)

    def _moment(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(self._starts_at + seconds, UTC)


def _answered_at(job: Job) -> float | None:
    """Return when a person answered: a mail with its reply, a call or chat when it was taken."""
    return job.ended_at if job.medium is Medium.MAIL else job.started_at


def _begins(floor: Floor) -> dict[int, list[float]]:
    """Return by queue the moments at which a shift begins."""
    starts: dict[int, list[float]] = defaultdict(list)
    for person in floor.day.people:
        for queue in person.queues:
            starts[queue] += [begin for begin, _ in person.slots]
    return {queue: sorted(begins) for queue, begins in starts.items()}
