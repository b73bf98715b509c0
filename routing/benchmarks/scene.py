"""Rows to measure routing on: a house of people at their desks, and chats that come and are answered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model

from routing.models import Agent, AgentSkill, Presence, QueueSkill, Skill, WorkItem
from tickets.models import Channel, ChatSession, Customer, Queue, QueueMembership, Ticket
from tickets.platform.sql import execute_update, load_column
from tickets.queries.relations import TICKETS
from tickets.states import State

STEM = "bench-topic-"
TOPICS = 10
TOPICS_EACH = 4
DESK = timedelta(hours=4)

# The router's least: any waiting chat to any free person, one after the other, without a reason.
CLAIM = """
WITH i AS (SELECT id FROM routing_workitem WHERE state = 'waiting' ORDER BY eligible_at
           LIMIT 1 FOR UPDATE SKIP LOCKED),
a AS (SELECT agent_id FROM routing_presence WHERE free_units = 100 AND is_connected
      LIMIT 1 FOR UPDATE SKIP LOCKED),
p AS (UPDATE routing_presence p SET free_units = free_units - 33 FROM a, i WHERE p.agent_id = a.agent_id)
UPDATE routing_workitem w SET state = 'offered', agent_id = a.agent_id, version = w.version + 1
FROM i, a WHERE w.id = i.id RETURNING w.id
"""

# People answer and are done, so that there is always somebody free.
CLEAR = """
WITH o AS (UPDATE routing_offer SET state = 'returned', answered_at = %(now)s
           WHERE state = 'offered' AND offered_at <= %(before)s RETURNING item_id),
w AS (UPDATE routing_workitem SET state = 'closed', agent_id = NULL, closed_at = %(now)s
      WHERE state = 'offered' AND (%(all)s OR id IN (SELECT item_id FROM o)) RETURNING old.agent_id AS agent)
UPDATE routing_presence p SET free_units = 100, last_contact_at = %(now)s
FROM (SELECT DISTINCT agent FROM w) d WHERE p.agent_id = d.agent
"""
ARRIVE = f"""
INSERT INTO routing_workitem (kind, state, ticket_id, queue_id, eligible_at, returns, version, waiting_why)
SELECT 'chat', 'waiting', t.id, t.queue_id, %(now)s, 0, 0, '{{}}'
FROM {TICKETS} t WHERE t.id = ANY(%(tickets)s)
"""  # noqa: S608  (the pieces are constants)


def create_house(agents: int, now: datetime) -> None:
    """Let people come who work in some of ten queues, all at their desks: one shard, however many come."""
    stem = uuid.uuid4().hex[:6]
    queues, skills = _topics()
    model = get_user_model()
    users = model.objects.bulk_create(
        model(email=f"bench-{stem}-{n}@bench.invalid", name=f"Bench {n}") for n in range(agents)
    )
    people = Agent.objects.bulk_create(Agent(user=user, languages=["en", "fr"]) for user in users)
    has = [[(n * 7 + turn * 3) % TOPICS for turn in range(TOPICS_EACH)] for n in range(agents)]
    QueueMembership.objects.bulk_create(
        QueueMembership(user=user, queue=queues[t])
        for user, topics in zip(users, has, strict=True)
        for t in topics
    )
    AgentSkill.objects.bulk_create(
        AgentSkill(agent=agent, skill=skills[t], level=1 + (agent.pk + t) % 5)
        for agent, topics in zip(people, has, strict=True)
        for t in topics
    )
    Presence.objects.bulk_create(
        Presence(agent=agent, status=Presence.Status.AVAILABLE, since=now, seen_at=now + DESK,
                 is_connected=True, last_contact_at=now - timedelta(seconds=number % 900))
        for number, agent in enumerate(people)
    )  # fmt: skip


def create_chat_tickets(count: int, now: datetime) -> list[int]:
    """Make tickets whose chats are still to come, spread over the queues; return their numbers."""
    queues = list(Queue.objects.filter(slug__startswith=STEM))
    channel = Channel.objects.filter(name="Bench chat").first() or Channel.objects.create(
        slug="chat", name="Bench chat", queue=queues[0]
    )
    customer = Customer.objects.create(name="Bench", created_at=now)
    tickets = Ticket.objects.bulk_create(
        Ticket(subject="Bench", queue=queues[n % len(queues)], channel=channel, customer=customer,
               language="en", created_at=now, updated_at=now, waiting_since=now, state="pending")
        for n in range(count)
    )  # fmt: skip
    execute_update("ANALYZE", {})
    return [ticket.pk for ticket in tickets]


def open_chats(tickets: Sequence[int], now: datetime) -> None:
    """Open chats that wait for a person."""
    channel = Channel.objects.get(name="Bench chat")
    ChatSession.objects.bulk_create(
        ChatSession(
            channel=channel, token_digest=uuid.uuid4().hex, ticket_id=ticket, opened_at=now, last_seen_at=now
        )
        for ticket in tickets
    )
    Ticket.objects.filter(pk__in=tickets).update(state=State.OPEN)
    execute_update(ARRIVE, {"tickets": list(tickets), "now": now})


def finish_offers(now: datetime, *, older: timedelta = timedelta(0), everything: bool = False) -> None:
    """Let people be done with what they were offered longer than `older` ago."""
    execute_update(CLEAR, {"now": now, "before": now - older, "all": everything})
    ended = WorkItem.objects.filter(state=WorkItem.State.CLOSED).values("ticket")
    sessions = ChatSession.objects.filter(ended_at=None, ticket__in=ended)
    tickets = list(sessions.values_list("ticket_id", flat=True))
    sessions.update(ended_at=now)
    Ticket.objects.filter(pk__in=tickets).update(state=State.PENDING)


def claim_chat() -> bool:
    """Give one waiting chat to one free person by bare SQL; return whether there was one."""
    return bool(load_column(int, CLAIM))


def _topics() -> tuple[list[Queue], list[Skill]]:
    """Return the ten queues and the skill that each asks for; they are made once."""
    queues = list(Queue.objects.filter(slug__startswith=STEM).order_by("pk"))
    if queues:
        return queues, list(Skill.objects.filter(slug__startswith=STEM).order_by("pk"))
    names = [{"slug": f"{STEM}{n}", "name_en": f"Bench {n}", "name_fr": f"Banc {n}"} for n in range(TOPICS)]
    queues = Queue.objects.bulk_create(Queue(**name) for name in names)
    skills = Skill.objects.bulk_create(Skill(**name) for name in names)
    QueueSkill.objects.bulk_create(
        QueueSkill(queue=queue, skill=skill, required_level=1, wanted_level=3)
        for queue, skill in zip(queues, skills, strict=True)
    )
    return queues, skills
