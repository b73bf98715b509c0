"""Find the agent behind an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from routing.errors import NotAnAgent
from routing.models import Agent, Presence
from tickets.actor import Actor
from tickets.models import QueueMembership


def agent_of(by: Actor, *, now: datetime) -> Agent:
    """Return the acting person's agent. Raises NotAnAgent for whoever works in no queue."""
    if by.user_id is None:
        raise NotAnAgent
    agent = Agent.objects.select_related("user", "presence").filter(user_id=by.user_id).first()
    if agent is not None and hasattr(agent, "presence"):
        return agent
    works = QueueMembership.objects.live(now).filter(user_id=by.user_id).exists()
    if not (works or by.is_administrator):
        raise NotAnAgent
    return make_agent(by.user, now=now)


def make_agent(user: Any, *, now: datetime) -> Agent:
    """Return the agent of an account, made with defaults where there is none; their presence too."""
    with transaction.atomic():
        agent, _ = Agent.objects.get_or_create(
            user=user, defaults={"time_zone": user.time_zone, "languages": [user.language]}
        )
        Presence.objects.get_or_create(agent=agent, defaults={"since": now})
    return Agent.objects.select_related("user", "presence").get(pk=agent.pk)
