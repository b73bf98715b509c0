"""Rows for routing's tests: people at their desks, tickets, chats and call backs that wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from routing.models import Agent, Decision, Offer, Presence, WorkItem
from routing.workforce.agents import make_agent
from routing.workforce.presence import set_status
from tests import make
from tests.cast import NOON, Cast
from tickets.actor import SYSTEM, Actor
from tickets.models import Callback, ChatSession, Customer, Ticket
from tickets.promises import callbacks

AVAILABLE, FOCUS, BREAK, AWAY, OFFLINE = Presence.Status


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def there(user: Any, now: datetime = NOON, status: str = AVAILABLE, **fields: Any) -> Agent:
    """Put a person at their desk, with a status and what else is said of their agent."""
    agent = make_agent(user, now=now)
    if fields:
        Agent.objects.filter(pk=agent.pk).update(**fields)
    set_status(agent, status, by=Actor.for_user(user), now=now)
    Presence.objects.filter(pk=agent.pk).update(signed_on_at=None)  # at work for a while already
    return Agent.objects.select_related("user", "presence").get(pk=agent.pk)


def heard(now: datetime, *agents: Agent) -> None:
    """Let the heartbeats of people arrive."""
    Presence.objects.filter(pk__in=[agent.pk for agent in agents]).update(seen_at=now)


def mail(cast: Cast, person: Customer | None = None, now: datetime = NOON) -> Ticket:
    return make.ticket(cast.web, person or cast.dana, now=now)


_count = iter(range(1, 10**9))


def chat(cast: Cast, person: Customer | None = None, now: datetime = NOON) -> Ticket:
    """Open a chat session whose ticket waits for a person."""
    ticket = mail(cast, person, now)
    ChatSession.objects.create(
        channel=cast.chat,
        token_digest=f"digest-{next(_count)}",
        ticket=ticket,
        opened_at=now,
        last_seen_at=now,
    )
    return ticket


def callback(ticket: Ticket, now: datetime = NOON, minutes: int = 30) -> Callback:
    until = now + timedelta(minutes=minutes)
    return callbacks.request_callback(ticket, "+33612345678", from_at=now, until_at=until, by=SYSTEM, now=now)


def assignee(ticket: Ticket) -> Any:
    ticket.refresh_from_db()
    return ticket.assignee


def load_work_item(ticket: Ticket) -> WorkItem:
    return WorkItem.objects.get(ticket=ticket)


def offer_of(ticket: Ticket) -> Offer:
    return Offer.objects.select_related("agent__user", "item__ticket").get(
        item__ticket=ticket, state="offered"
    )


def decided(ticket: Ticket) -> list[str]:
    """How the decisions about a ticket came about, in order."""
    return list(Decision.objects.filter(item__ticket=ticket).order_by("pk").values_list("how", flat=True))


def kinds(ticket: Ticket) -> list[str]:
    """The kinds of a ticket's events, in order."""
    return list(ticket.events.order_by("pk").values_list("kind", flat=True))
