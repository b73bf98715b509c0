"""The product's own policy in a simulated day: the very engine that routes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from routing.engine import Policy
from routing.engine.deciding import plan
from routing.engine.selection import elder_credit
from routing.simulation.desk import Job
from routing.simulation.floor import Floor, Gift

PRIOR_SECONDS = 1800.0
OCCUPANCY_SECONDS = 30.0  # so often the team's occupancy is counted anew
MAIL_SECONDS = 20.0  # so often a sweep asks about young mails as well


class HumanFirst:
    """Asks the engine at every event about what that event can have changed, and at each sweep about all.

    With `asks_all` it asks about everything that waits at each event, as the router does: many times slower.
    """

    def __init__(
        self, policy: Policy | None = None, *, heartbeat_seconds: float = 15.0, asks_all: bool = False
    ) -> None:
        self.policy = policy or Policy()
        self.heartbeat_seconds = heartbeat_seconds
        self.asks_all = asks_all
        self._counted_at = -OCCUPANCY_SECONDS
        self._mails_at = -MAIL_SECONDS

    def begin(self, floor: Floor) -> None:
        self.floor = floor
        # In a simulated day a mail is worked on the moment it is given, so nobody gets one beside live work.
        self.policy = replace(self.policy, presence_seconds=0, mail_presence_seconds=0, mail_live_units=0)
        if not self.policy.demand and floor.day.demand:
            self.policy = replace(self.policy, demand=floor.day.demand)

    def arrived(self, job: Job, now: float) -> Iterable[Gift]:
        return self._decide([job, *self._overdue(now, job)], now)

    def freed(self, column: int, now: float) -> Iterable[Gift]:
        jobs = self.floor.waiting.for_person(self.floor.desks[column].person)
        return self._decide(jobs, now) if jobs or self.asks_all else ()

    def swept(self, now: float) -> Iterable[Gift]:
        if self.asks_all or now - self._mails_at >= MAIL_SECONDS:
            self._mails_at = now
            return self._decide(self.floor.waiting.for_everybody(), now)
        live = list(self.floor.waiting.live)
        return self._decide([*live, *self._overdue(now)], now) if live else ()

    def _overdue(self, now: float, job: Job | None = None) -> list[Job]:
        elder = min(self.policy.mail.elder_seconds, self.policy.mail.target_seconds)
        return [mail for mail in self.floor.waiting.overdue_mails(now - elder) if mail is not job]

    def _decide(self, jobs: Sequence[Job], now: float) -> list[Gift]:
        if self.asks_all:
            jobs = self.floor.waiting.everything()
        if now - self._counted_at >= OCCUPANCY_SECONDS:
            self._counted_at = now
            self.floor.occupancy(PRIOR_SECONDS)
        settled = plan([job.item for job in jobs], self.floor.team, self.policy, now)
        if not settled.picks:
            return []
        by_item = {job.item.id: job for job in jobs}
        credit = self.floor.team.elder_credit
        new = {column: elder_credit(settled, row, column) for row, column in settled.picks.items()}
        for column, count in new.items():
            credit[column] = count
        items = settled.tick.items
        return [(by_item[items[row].id], column) for row, column in settled.picks.items()]
