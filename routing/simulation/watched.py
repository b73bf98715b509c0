"""A router on a recorded stretch: promises are made, closed hours do not count, nights pass quickly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from routing.engine import Medium
from routing.simulation.desk import Job
from routing.simulation.floor import Floor, Gift, Router
from routing.simulation.opening import Opening
from routing.simulation.promised import Promises
from routing.simulation.recorded import Stretch

MAILS_EVERY = 30.0  # where only mails wait, time alone changes little: a sweep so often is enough


class Watched:
    """Wraps a router and adds what the product does around each pass."""

    def __init__(self, router: Router, stretch: Stretch) -> None:
        self._router, self._stretch = router, stretch
        self.heartbeat_seconds = router.heartbeat_seconds
        self.opening: Mapping[int, Opening] = {q: Opening(spans) for q, spans in stretch.hours.items()}
        self._swept_at = -MAILS_EVERY
        self._opens_at = self._next_opening(0.0)

    def begin(self, floor: Floor) -> None:
        self._floor = floor
        self.promises = Promises(
            floor,
            self.opening,
            starts_at=self._stretch.starts_at,
            answers=self._stretch.answers,
            usual=self._stretch.usual,
            targets=self._stretch.targets,
        )
        self._router.begin(floor)

    def arrived(self, job: Job, now: float) -> Iterable[Gift]:
        if job.tries == 1 and not job.is_transfer and not job.excluded:
            self.promises.make(job, now)
        self._look_at_hours(now)
        return self._router.arrived(job, now)

    def freed(self, column: int, now: float) -> Iterable[Gift]:
        self._look_at_hours(now)
        return self._router.freed(column, now)

    def swept(self, now: float) -> Iterable[Gift]:
        team = self._floor.team
        if not ((team.shift_until > now) & (team.calls == 0) & (team.chats < team.chat_limit)).any():
            return ()  # nobody is there with a hand free; whoever gets one is asked about then
        if not self._floor.waiting.live and now - self._swept_at < MAILS_EVERY:
            return ()
        self._swept_at = now
        self._look_at_hours(now)
        return self._router.swept(now)

    def _look_at_hours(self, now: float) -> None:
        """When a queue has opened, take the hours it was closed from the waits of its mails."""
        if now < self._opens_at:
            return
        self._opens_at = self._next_opening(now)
        for jobs in self._floor.waiting.mails.values():
            for job in jobs:
                opening = self.opening.get(job.contact.queue)
                if opening is not None and job.medium is Medium.MAIL:
                    closed = now - job.at - opening.between(job.at, now)
                    job.item = replace(job.item, closed_seconds=closed)

    def _next_opening(self, now: float) -> float:
        moments = [opening.next_after(now) for opening in self.opening.values()]
        return min((moment for moment in moments if moment is not None), default=float("inf"))
