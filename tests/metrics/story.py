"""Small stories told through the real verbs: who wrote, who answered, when."""

from __future__ import annotations

from datetime import datetime, timedelta

from metrics.asking.figure import Amount, Figure, Share, Times
from metrics.asking.question import Period, Question
from metrics.catalogue import answers, registry
from metrics.facts import derive
from metrics.models import FactIssue, FactTicket
from tests import make
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import Motive, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answer(ticket: Ticket, by, at: datetime, then: str = "pending") -> None:
    """An agent replies, once, and moves the ticket on."""
    replies.reply(ticket, Words("Here is what we do."), by=by, now=at, then=then)
    ticket.refresh_from_db()


def solved(cast, customer=None, *, at: datetime, after: timedelta = HOUR, by: str = "alice") -> Ticket:
    """A ticket that was answered and solved at once, `after` it came."""
    ticket = make.ticket(cast.web, customer or cast.dana, now=at)
    answer(ticket, cast.acting(by), at + after, then="solved")
    return ticket


def motive(slug: str = "refund") -> Motive:
    return Motive.objects.get_or_create(slug=slug, defaults={"name_en": slug.capitalize()})[0]


def derived(*tickets: Ticket) -> list[FactTicket]:
    """Return the tickets' facts, freshly derived."""
    derive.derive_facts([t.pk for t in tickets])
    return [FactTicket.objects.get(pk=t.pk) for t in tickets]


def issue_of(ticket: Ticket) -> FactIssue:
    [fact] = derived(ticket)
    assert fact.issue is not None
    return FactIssue.objects.get(pk=fact.issue_id)


def question(cast, *, at: datetime, days: int = 60, **how) -> Question:
    """Ask about the last `days` days, seen at `at`, in both queues."""
    derive.refresh_facts(now=at)
    queues = how.pop("queues", (cast.orders.pk, cast.refunds.pk))
    return Question(Period.latest(days, now=at), queues, at, **how)


def number(cast, slug: str, *, at: datetime, **how) -> Figure:
    """Return one metric's figure over the last days, seen at `at`."""
    return answers.compute_figure(registry.get_metric(slug), question(cast, at=at, **how))


def share(cast, slug: str, *, at: datetime, **how) -> Share:
    found = number(cast, slug, at=at, **how).share
    assert found is not None
    return found


def times(cast, slug: str, *, at: datetime, **how) -> Times:
    found = number(cast, slug, at=at, **how).times
    assert found is not None
    return found


def amount(cast, slug: str, *, at: datetime, **how) -> Amount:
    found = number(cast, slug, at=at, **how).amount
    assert found is not None
    return found
