"""Requested assignees: macros, rules and the API record a request; routing assigns or refuses it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction

from routing.assigning.assignment import Why, assign, load_work_item
from routing.models import Agent, Decision
from routing.workforce.agents import make_agent
from tickets import events
from tickets.actor import SYSTEM
from tickets.errors import DomainError
from tickets.models import Event, Ticket

REMEMBERED = timedelta(days=2)
MOST_AT_ONCE = 200
ANSWERED_CALL = "answered_call"


def assign_requested_agents(now: datetime) -> int:
    """Assign, or refuse, each requested agent once; return how many. The caller must hold dispatch's lock."""
    recent = Event.objects.filter(kind="assignment.wanted", at__gt=now - REMEMBERED, ticket__isnull=False)
    answered = Decision.objects.filter(wish_id__isnull=False, at__gt=now - REMEMBERED)
    wishes = list(
        recent.exclude(pk__in=answered.values("wish_id"))
        .select_related("ticket")
        .order_by("pk")[:MOST_AT_ONCE]
    )
    users = get_user_model().objects.in_bulk([wish.data.get("user") for wish in wishes])
    for wish in wishes:
        user = users.get(wish.data.get("user"))
        if wish.ticket is not None and user is not None:
            _answer(wish, wish.ticket, make_agent(user, now=now), now=now)
    return len(wishes)


def _answer(wish: Event, ticket: Ticket, agent: Agent, *, now: datetime) -> None:
    why = _why(wish)
    try:
        if assign(ticket, agent, by=SYSTEM, now=now, why=why) is None:
            _note(Decision.How.KEPT, wish, ticket, agent, "has_it", now)
    except DomainError as error:
        with transaction.atomic():
            _note(Decision.How.REFUSED, wish, ticket, agent, error.code, now)
            data = {"user": agent.user_id, "reason": error.code}
            events.record("assignment.refused", ticket=ticket, by=SYSTEM, at=now, data=data)


def _why(wish: Event) -> Why:
    """Return how the assignment goes on record; who already speaks with the customer takes it themselves."""
    reason = str(wish.data.get("reason", ""))
    if reason == ANSWERED_CALL:
        return Why(Decision.How.TAKEN, reason, insist=True, is_speaking=True, wish=wish.pk)
    return Why(reason=reason, wish=wish.pk)


def _note(how: str, wish: Event, ticket: Ticket, agent: Agent, reason: str, now: datetime) -> None:
    with transaction.atomic():
        item = load_work_item(ticket, now=now)
        Decision.objects.create(item=item, how=how, agent=agent, reason=reason, at=now, wish_id=wish.pk)
