"""What waits in a simulated day: live work together, mails by kind, and who is known to whom."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from routing.engine import Medium
from routing.simulation.day import Person
from routing.simulation.desk import Job

HEADS = 3  # of each kind of mail so many of the longest waiting are looked at
MOST_OVERDUE = 60

type Kind = tuple[int, str, str]


class Waiting:
    """Jobs in the order they came. Mails are found by kind, by whoever knows the customer, or overdue."""

    def __init__(self) -> None:
        self.live: dict[Job, None] = {}
        self.mails: dict[Kind, dict[Job, None]] = {}
        self.known: dict[int, dict[Job, None]] = {}
        self.mail_count = 0

    def __len__(self) -> int:
        return len(self.live) + self.mail_count

    def add(self, job: Job) -> None:
        """Let a job wait."""
        if job.medium is not Medium.MAIL:
            self.live[job] = None
            return
        self.mail_count += 1
        self.mails.setdefault(kind_of(job), {})[job] = None
        if job.contact.past is not None:
            self.known.setdefault(job.contact.past, {})[job] = None

    def remove(self, job: Job) -> None:
        """Let a job wait no more."""
        if job.medium is not Medium.MAIL:
            del self.live[job]
            return
        self.mail_count -= 1
        del self.mails[kind_of(job)][job]
        if job.contact.past is not None:
            del self.known[job.contact.past][job]

    def for_person(self, person: Person) -> list[Job]:
        """Return what somebody might take: all live work, the oldest mails they can do, those they know."""
        jobs_by_kind = dict(self.live)
        for (queue, topic, language), jobs in self.mails.items():
            if topic in person.topics and language in person.languages and queue in person.queues:
                jobs_by_kind.update(dict.fromkeys(islice(jobs, HEADS)))
        jobs_by_kind.update(self.known.get(person.id, {}))
        return list(jobs_by_kind)

    def for_everybody(self) -> list[Job]:
        """Return all live work and the oldest mails of each kind."""
        jobs_by_kind = dict(self.live)
        for jobs in self.mails.values():
            jobs_by_kind.update(dict.fromkeys(islice(jobs, HEADS)))
        return list(jobs_by_kind)

    def everything(self) -> list[Job]:
        """Return all that waits."""
        return [*self.live, *(job for jobs in self.mails.values() for job in jobs)]

    def overdue_mails(self, before: float) -> list[Job]:
        """Return mails that came before a moment, of each kind the oldest."""
        overdue: list[Job] = []
        for jobs in self.mails.values():
            overdue += self._older(jobs, before)
        return overdue[:MOST_OVERDUE]

    @staticmethod
    def _older(jobs: dict[Job, None], before: float) -> Iterator[Job]:
        for job in islice(jobs, HEADS):
            if job.at > before:
                return
            yield job


def kind_of(job: Job) -> Kind:
    """Return what decides who could take a mail."""
    return job.contact.queue, job.contact.topic, job.contact.language
