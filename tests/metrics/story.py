"""Small stories told through the real verbs: who wrote, who answered, when."""

from __future__ import annotations

from datetime import datetime, timedelta

from metrics import facts
from metrics.models import FactIssue, FactTicket
from tests import make
from tickets import conversation
from tickets.conversation import Words
from tickets.models import Motive, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answer(ticket: Ticket, by, at: datetime, then: str = "pending") -> None:
    """An agent replies, once, and moves the ticket on."""
    conversation.reply(ticket, Words("Here is what we do."), by=by, now=at, then=then)
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
    facts.derive([t.pk for t in tickets])
    return [FactTicket.objects.get(pk=t.pk) for t in tickets]


def issue_of(ticket: Ticket) -> FactIssue:
    [fact] = derived(ticket)
    assert fact.issue is not None
    return FactIssue.objects.get(pk=fact.issue_id)
