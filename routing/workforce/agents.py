"""Find the agent behind an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from routing.errors import NotAnAgent
from routing.models import Agent, Presence
from tickets.actor import Actor
from tickets.models import QueueMembership


def demand_agent(by: Actor, *, now: datetime) -> Agent:
    """Return the acting user's agent. Raises NotAnAgent if they work in no queue; administrators may."""
    agent = find_agent(by, now=now)
    if agent is None and by.is_administrator:
        agent = make_agent(by.user, now=now)
    if agent is None:
        raise NotAnAgent
    return agent


def find_agent(by: Actor, *, now: datetime) -> Agent | None:
    """Return the acting person's agent, created on first use; None if they work in no queue."""
    if by.user_id is None:
        return None
    agent = Agent.objects.select_related("user", "presence").filter(user_id=by.user_id).first()
    if agent is not None and hasattr(agent, "presence"):
        return agent
    works = QueueMembership.objects.live(now).filter(user_id=by.user_id).exists()
    return make_agent(by.user, now=now) if works or agent is not None else None


def make_agent(user: Any, *, now: datetime) -> Agent:
    """Return the agent of an account, made with defaults where there is none; their presence too."""
    with transaction.atomic():
        agent, _ = Agent.objects.get_or_create(
            user=user, defaults={"time_zone": user.time_zone, "languages": [user.language]}
        )
        Presence.objects.get_or_create(agent=agent, defaults={"since": now})
    return Agent.objects.select_related("user", "presence").get(pk=agent.pk)
