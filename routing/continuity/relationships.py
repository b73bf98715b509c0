"""Which agents know which customers, derived from the log; and each customer's owner and deputy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from routing.models import Agent, Relationship, RelationshipMark
from tickets import events
from tickets.actor import Actor
from tickets.models import Customer
from tickets.platform import tasks_on_commit
from tickets.platform.sql import execute_update, load_row
from tickets.queries.relations import CALLS, EVENTS, REPLIES, TICKETS

Role = Relationship.Role

# Transactions that were still running when the log was last read are read again.
OVERLAP = timedelta(minutes=5)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

PEOPLE = f"""
SELECT DISTINCT t.customer_id FROM {EVENTS} e JOIN {TICKETS} t ON t.id = e.ticket_id
WHERE e.kind IN ('message.out', 'call.logged', 'ticket.state') AND e.at > %(since)s
"""  # noqa: S608  (the pieces are constants)

# `refresh_relationships` and `rebuild_relationships` replace {people} by the condition on the customers.
DERIVE = f"""
INSERT INTO routing_relationship AS r (agent_id, customer_id, times, first_at, last_at, last_outcome)
SELECT a.id, s.customer_id, count(DISTINCT s.ticket_id), min(s.at), max(s.at),
       (array_agg(s.state ORDER BY s.at DESC))[1]
FROM (SELECT t.customer_id, t.id AS ticket_id, t.state, m.user_id, m.created_at AS at
      FROM {REPLIES} m JOIN {TICKETS} t ON t.id = m.ticket_id
      WHERE {{people}}
      UNION ALL
      SELECT t.customer_id, t.id, t.state, c.user_id, c.started_at
      FROM {CALLS} c JOIN {TICKETS} t ON t.id = c.ticket_id
      WHERE c.user_id IS NOT NULL AND c.result = 'answered' AND {{people}}) s
JOIN routing_agent a ON a.user_id = s.user_id
GROUP BY a.id, s.customer_id
ON CONFLICT (customer_id, agent_id) DO UPDATE
SET times = excluded.times, first_at = excluded.first_at, last_at = excluded.last_at,
    last_outcome = excluded.last_outcome
WHERE (r.times, r.last_at, r.last_outcome)
      IS DISTINCT FROM (excluded.times, excluded.last_at, excluded.last_outcome)
"""  # noqa: S608  (the pieces are constants)

# Of tickets first answered in a period whose customer a person had answered before: by whom they were.
KNOWN_AGENT_SHARE = f"""
WITH answered AS (
    SELECT DISTINCT ON (m.ticket_id)
           m.ticket_id, t.customer_id, m.user_id, m.created_at AS at
    FROM {REPLIES} m JOIN {TICKETS} t ON t.id = m.ticket_id
    WHERE t.queue_id = ANY(%(queues)s)
      AND t.first_response_at >= %(since)s AND t.first_response_at < %(until)s AND NOT t.is_spam
    ORDER BY m.ticket_id, m.seq),
before AS (
    SELECT a.ticket_id, bool_or(p.user_id = a.user_id) AS is_same
    FROM answered a
    JOIN {TICKETS} o ON o.customer_id = a.customer_id AND o.id <> a.ticket_id
    JOIN {REPLIES} p ON p.ticket_id = o.id AND p.created_at < a.at
    GROUP BY a.ticket_id)
SELECT count(*) FILTER (WHERE is_same) AS same, count(*) AS n FROM before
"""  # noqa: S608  (the pieces are constants)


class KnownAgentShare(NamedTuple):
    """Of `n` tickets of returning customers, the number first answered by a known agent (`same`)."""

    same: int
    n: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.same / self.n) if self.n else None


def count_known_agents(queue_ids: Iterable[int], since: datetime, until: datetime) -> KnownAgentShare:
    """Return how often returning customers were answered by a known agent, in some queues and a period."""
    parameters = {"queues": list(queue_ids), "since": since, "until": until}
    return load_row(KnownAgentShare, KNOWN_AGENT_SHARE, parameters)


def set_customer_role(
    customer: Customer, agent: Agent | None, role: str, *, by: Actor, now: datetime
) -> bool:
    """Set a customer's account owner (`owner`) or deputy (`backup`); None clears the role.

    Return whether anything changed. An agent has one role at most: a new one replaces the old one.
    """
    with transaction.atomic():
        present = Relationship.objects.select_for_update().filter(customer=customer, role=role)
        if [row.agent_id for row in present] == ([agent.pk] if agent else []):
            return False
        present.update(role=Role.NONE)
        Relationship.objects.filter(customer=customer, times=0, role=Role.NONE).delete()
        if agent is not None:
            Relationship.objects.update_or_create(customer=customer, agent=agent, defaults={"role": role})
        data = {"customer": customer.pk, "user": agent.user_id if agent else None, "role": role}
        events.record("customer.keeper", by=by, at=now, data=data)
        tasks_on_commit.enqueue("routing.tasks.route")
    return True


def refresh_relationships(now: datetime) -> int:
    """Update relationships from new events; return how many changed."""
    with transaction.atomic():
        mark = RelationshipMark.objects.select_for_update().first()
        if mark is None:
            mark = RelationshipMark(read_until=BEGINNING)
        since = mark.read_until - OVERLAP if mark.pk else BEGINNING
        derived = execute_update(DERIVE.format(people=f"t.customer_id IN ({PEOPLE})"), {"since": since})
        mark.read_until = now
        mark.save()
    return derived


def rebuild_relationships(customer_ids: Sequence[int] | None = None) -> int:
    """Derive relationships from all replies and calls, for some customers or all; return how many changed."""
    if customer_ids is None:
        return execute_update(DERIVE.format(people="TRUE"), {})
    people = "t.customer_id = ANY(%(customers)s)"
    return execute_update(DERIVE.format(people=people), {"customers": list(customer_ids)})
