"""The waiting jobs of a simulated day: live work, mails by kind, and mails by the agent who is known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from routing.engine import Medium
from routing.simulation.day import Person
from routing.simulation.desk import Job

HEADS = 3  # of each kind of mail, only so many of the longest waiting are considered
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
        """Add a job to the waiting ones."""
        if job.medium is not Medium.MAIL:
            self.live[job] = None
            return
        self.mail_count += 1
        self.mails.setdefault(choose_kind(job), {})[job] = None
        if job.contact.past is not None:
            self.known.setdefault(job.contact.past, {})[job] = None

    def remove(self, job: Job) -> None:
        """Remove a job from the waiting ones."""
        if job.medium is not Medium.MAIL:
            del self.live[job]
            return
        self.mail_count -= 1
        del self.mails[choose_kind(job)][job]
        if job.contact.past is not None:
            del self.known[job.contact.past][job]

    def for_person(self, person: Person) -> list[Job]:
        """Return jobs to consider for a person: live work, the oldest suitable mails, known customers'."""
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
        """Return all waiting jobs."""
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


def choose_kind(job: Job) -> Kind:
    """Return the queue, topic and language of a mail, which decide who can take it."""
    return job.contact.queue, job.contact.topic, job.contact.language
