"""Measure routing on rows: how fast a backlog is given, and what of the time is deciding."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from routing.dispatch import run
from routing.models import Agent, Presence, WorkItem
from tickets.clock import database_now
from tickets.models import Channel, Customer, Queue, QueueMembership, Ticket
from tickets.platform.sql import execute_update

LONGEST_PASSES = 1000


class _Undone(Exception):
    """Raised at the end, so that nothing the measurement made stays."""


@dataclass(frozen=True)
class Passes:
    """What the passes of one measurement came to."""

    passes: int
    assigned: int
    seconds: float
    engine_seconds: float
    queries: int


def measure_backlog(tickets: int = 5000, agents: int = 200) -> dict[str, Any]:
    """Let `agents` people take a backlog of `tickets`, a new one each a pass, and say what it cost.

    Everything happens in one transaction that is rolled back. `queries` are counted in a pass of their
    own, since counting takes time.
    """
    result: dict[str, Any] = {}
    try:
        with transaction.atomic():
            now = database_now()
            _make(tickets, agents, now)
            started = time.perf_counter()
            run.run_pass(now, ())  # the statements' plans and scipy are loaded
            warm_seconds = time.perf_counter() - started
            counted = _count_queries(now + timedelta(seconds=1))
            passes = _give_all(now + timedelta(seconds=2))
            result = _told(passes, counted, tickets, agents, warm_seconds)
            raise _Undone
    except _Undone:
        return result


def _told(passes: Passes, counted: Passes, tickets: int, agents: int, warm_seconds: float) -> dict[str, Any]:
    return {
        "tickets": tickets,
        "agents": agents,
        "assigned": passes.assigned,
        "passes": passes.passes,
        "assignments_per_second": round(passes.assigned / passes.seconds, 1) if passes.seconds else 0.0,
        "milliseconds_per_pass": round(1000 * passes.seconds / max(1, passes.passes), 2),
        "queries_per_pass": counted.queries,
        "queries_per_assignment": round(counted.queries / max(1, counted.assigned), 3),
        "engine_share": round(passes.engine_seconds / passes.seconds, 3) if passes.seconds else 0.0,
        "first_pass_seconds": round(warm_seconds, 3),
    }


def _give_all(now: datetime) -> Passes:
    """Make passes until nothing more is given."""
    passes = assigned = 0
    engine_seconds = 0.0
    started = time.perf_counter()
    while passes < LONGEST_PASSES:
        done = run.run_pass(now, ())
        passes, assigned = passes + 1, assigned + done.assigned
        engine_seconds += done.engine_seconds
        if not done.assigned:
            break
    return Passes(passes, assigned, time.perf_counter() - started, engine_seconds, 0)


def _count_queries(now: datetime) -> Passes:
    with CaptureQueriesContext(connection) as queries:
        done = run.run_pass(now, ())
    return Passes(1, done.assigned, 0.0, done.engine_seconds, len(queries))


def _make(tickets: int, agents: int, now: datetime) -> None:
    """Make a queue with its people at their desks, and tickets that wait in it."""
    queue = Queue.objects.create(slug=f"bench-{now.timestamp():.0f}", name_en="Bench", name_fr="Bench")
    channel = Channel.objects.create(slug="web", name="Bench", queue=queue)
    people = get_user_model().objects.bulk_create(
        get_user_model()(email=f"bench-{number}@bench.invalid", name=f"Bench {number}")
        for number in range(agents)
    )
    QueueMembership.objects.bulk_create(QueueMembership(user=person, queue=queue) for person in people)
    places = tickets // max(1, agents) + 1
    made = Agent.objects.bulk_create(
        Agent(user=person, languages=["en", "fr"], places=places) for person in people
    )
    Presence.objects.bulk_create(
        Presence(
            agent=agent, status=Presence.Status.AVAILABLE, since=now, seen_at=now + timedelta(minutes=10),
            is_connected=True, last_contact_at=now - timedelta(seconds=number),
        )
        for number, agent in enumerate(made)
    )  # fmt: skip
    _make_tickets(tickets, queue, channel, now)
    execute_update(
        "ANALYZE"
    )  # autovacuum would; without it the planner takes the tables for what they were before


def _make_tickets(count: int, queue: Queue, channel: Channel, now: datetime) -> None:
    customers = Customer.objects.bulk_create(
        Customer(name=f"Bench {number}", created_at=now) for number in range(max(1, count // 5))
    )
    rows = Ticket.objects.bulk_create(
        Ticket(
            subject="Bench", queue=queue, channel=channel, customer=customers[number % len(customers)],
            language=("en", "fr")[number % 2], created_at=now, updated_at=now,
            waiting_since=now - timedelta(seconds=number),
        )
        for number in range(count)
    )  # fmt: skip
    WorkItem.objects.bulk_create(
        WorkItem(kind=WorkItem.Kind.TICKET, ticket=row, queue=queue, eligible_at=row.created_at)
        for row in rows
    )
