# ruff: noqa: S608  (every piece put into a statement is a constant of this package)
"""Create, close and reopen work items, so that exactly what needs an agent waits for one.

Level-triggered and set-based: every statement looks at what is and does what is missing, so running it
twice changes nothing, and a lost bell costs only time. Expects to run under dispatch's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from routing.assigning.reclaim import return_tickets
from routing.models import Decision, Offer, WorkItem
from routing.queries.conditions import MAY_WORK, ON_LEAVE, QUIET_AFTER, THERE, member_of
from routing.workforce.presence import end_contact
from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Event, Ticket
from tickets.platform.sql import execute_update, load_rows
from tickets.queries.relations import (
    ACCOUNTS,
    CALLBACKS,
    IS_MISSED_CALL,
    MEMBERSHIPS,
    OPEN_CHATS,
    QUEUES,
    TICKETS,
)

SOON = timedelta(minutes=30)

SCOPE = "(%(tickets)s::bigint[] IS NULL OR t.id = ANY(%(tickets)s))"
GENUINE = "(NOT t.is_spam AND t.merged_into_id IS NULL)"
IN_CHAT = f"EXISTS (SELECT FROM {OPEN_CHATS} s WHERE s.ticket_id = t.id)"
TURN = "('ticket', 'missed_call')"

MAKE_AGENTS = f"""
WITH people AS (
    INSERT INTO routing_agent (user_id, works_from, region, time_zone, languages, clearances, schedule,
                               stays_late, chat_limit, places, is_active)
    SELECT u.id, 'office', '', u.time_zone, ARRAY[u.language], '{{}}', 'free', FALSE, 2, 5, TRUE
    FROM {ACCOUNTS} u
    WHERE NOT EXISTS (SELECT FROM routing_agent a WHERE a.user_id = u.id)
      AND (EXISTS (SELECT FROM {MEMBERSHIPS} m WHERE m.user_id = u.id)
        OR EXISTS (SELECT FROM {TICKETS} t WHERE t.assignee_id = u.id))
    ON CONFLICT (user_id) DO NOTHING
    RETURNING id)
INSERT INTO routing_presence (agent_id, status, since, is_connected, version, free_units, elder_credit)
SELECT a.id, 'offline', %(now)s, FALSE, 0, 100, 0
FROM (SELECT id FROM routing_agent UNION SELECT id FROM people) a
WHERE NOT EXISTS (SELECT FROM routing_presence p WHERE p.agent_id = a.id)
ON CONFLICT (agent_id) DO NOTHING
"""

CLOSE = f"""
UPDATE routing_workitem w
SET state = 'closed', owner_id = coalesce(w.agent_id, w.owner_id), agent_id = NULL, closed_at = %(now)s,
    hold_agent_id = NULL, hold_until = NULL, version = w.version + 1, waiting_why = '{{}}'
FROM {TICKETS} t
WHERE t.id = w.ticket_id AND w.state <> 'closed' AND {SCOPE} AND (
    NOT {GENUINE}
    OR w.kind IN {TURN} AND (t.state NOT IN ('new', 'open') OR {IN_CHAT})
    OR w.kind = 'chat' AND (t.state IN ('solved', 'closed') OR NOT {IN_CHAT})
    OR w.kind = 'callback' AND NOT EXISTS (
        SELECT FROM {CALLBACKS} c WHERE c.id = w.callback_id AND c.state = 'waiting'))
RETURNING w.id, w.ticket_id, w.kind, w.eligible_at, old.state AS was, old.agent_id
"""

MOVE = f"""
UPDATE routing_workitem w SET queue_id = t.queue_id, version = w.version + 1
FROM {TICKETS} t
WHERE t.id = w.ticket_id AND w.state <> 'closed' AND w.queue_id <> t.queue_id AND {SCOPE}
"""

# Sync each work item with its ticket's assignee.
FOLLOW_ASSIGNEE = f"""
UPDATE routing_workitem w
SET state = CASE WHEN a.id IS NULL THEN 'waiting' ELSE 'taken' END,
    agent_id = a.id, owner_id = coalesce(w.agent_id, w.owner_id),
    given_at = CASE WHEN a.id IS NULL THEN NULL ELSE %(now)s END, version = w.version + 1
FROM {TICKETS} t LEFT JOIN routing_agent a ON a.user_id = t.assignee_id
WHERE t.id = w.ticket_id AND {SCOPE} AND w.agent_id IS DISTINCT FROM a.id
  AND (w.kind IN {TURN} AND w.state IN ('waiting', 'taken') OR w.kind = 'chat' AND w.state = 'taken')
"""

# A ticket whose turn it is. It stays with its assignee who is there, or is soon expected; also while
# the queue is closed, when nobody is. Otherwise it goes to the pool, the assignee first to be asked.
OPEN_TURNS = f"""
INSERT INTO routing_workitem AS w (kind, state, ticket_id, queue_id, agent_id, owner_id, eligible_at,
                                   given_at, returns, version, waiting_why)
SELECT CASE WHEN {IS_MISSED_CALL} THEN 'missed_call' ELSE 'ticket' END,
       CASE WHEN k.stays THEN 'taken' ELSE 'waiting' END,
       t.id, t.queue_id, CASE WHEN k.stays THEN a.id END, a.id, coalesce(t.waiting_since, %(now)s),
       CASE WHEN k.stays THEN %(now)s END, 0, 0, '{{}}'
FROM {TICKETS} t
JOIN {QUEUES} q ON q.id = t.queue_id
LEFT JOIN routing_agent a ON a.user_id = t.assignee_id
LEFT JOIN {ACCOUNTS} u ON u.id = a.user_id
LEFT JOIN routing_presence p ON p.agent_id = a.id
CROSS JOIN LATERAL (SELECT coalesce({MAY_WORK} AND {member_of("t.queue_id")} AND NOT {ON_LEAVE} AND (
    {THERE}
    OR tickets_open_seconds(q.calendar_id, %(now)s, %(now)s + interval '1 second') = 0
    OR a.schedule = 'planned' AND EXISTS (
        SELECT FROM routing_shift s WHERE s.agent_id = a.id AND lower(s.during) > %(now)s
        AND tickets_open_seconds(q.calendar_id, %(now)s, lower(s.during)) <= %(soon)s)), FALSE) AS stays) k
WHERE t.state IN ('new', 'open') AND {GENUINE} AND {SCOPE} AND NOT {IN_CHAT}
  AND NOT EXISTS (SELECT FROM routing_workitem o
                  WHERE o.ticket_id = t.id AND o.kind IN {TURN} AND o.state <> 'closed')
ON CONFLICT (ticket_id) WHERE kind IN {TURN} DO UPDATE
SET kind = excluded.kind, state = excluded.state, agent_id = excluded.agent_id,
    owner_id = coalesce(excluded.owner_id, w.owner_id), queue_id = excluded.queue_id,
    eligible_at = excluded.eligible_at, given_at = excluded.given_at,
    closed_at = NULL, returns = 0, version = w.version + 1
WHERE w.state = 'closed'
RETURNING w.id, w.ticket_id, w.state, w.agent_id, w.owner_id
"""

OPEN_CHATS = f"""
INSERT INTO routing_workitem (kind, state, ticket_id, queue_id, agent_id, owner_id, eligible_at, given_at,
                              returns, version, waiting_why)
SELECT 'chat', CASE WHEN k.stays THEN 'taken' ELSE 'waiting' END, t.id, t.queue_id,
       CASE WHEN k.stays THEN a.id END, a.id, coalesce(t.waiting_since, %(now)s),
       CASE WHEN k.stays THEN %(now)s END, 0, 0, '{{}}'
FROM {TICKETS} t
LEFT JOIN routing_agent a ON a.user_id = t.assignee_id
LEFT JOIN {ACCOUNTS} u ON u.id = a.user_id
LEFT JOIN routing_presence p ON p.agent_id = a.id
CROSS JOIN LATERAL (SELECT coalesce({THERE} AND {member_of("t.queue_id")}
    AND p.status = 'available' AND p.free_units >= 33, FALSE) AS stays) k
WHERE {IN_CHAT} AND {GENUINE} AND {SCOPE} AND t.state NOT IN ('solved', 'closed')
  AND NOT EXISTS (SELECT FROM routing_workitem o
                  WHERE o.ticket_id = t.id AND o.kind = 'chat' AND o.state <> 'closed')
ON CONFLICT DO NOTHING
RETURNING id, ticket_id, state, agent_id, owner_id
"""

# A call back is kept for whoever has the ticket during the first half of its window.
OPEN_CALLBACKS = f"""
INSERT INTO routing_workitem (kind, state, ticket_id, queue_id, callback_id, owner_id, hold_agent_id,
                              hold_until, eligible_at, returns, version, waiting_why)
SELECT 'callback', 'waiting', t.id, t.queue_id, b.id, a.id, CASE WHEN k.there THEN a.id END,
       CASE WHEN k.there THEN b.from_at + (b.until_at - b.from_at) / 2 END, b.from_at, 0, 0, '{{}}'
FROM {CALLBACKS} b
JOIN {TICKETS} t ON t.id = b.ticket_id
LEFT JOIN routing_agent a ON a.user_id = t.assignee_id
LEFT JOIN {ACCOUNTS} u ON u.id = a.user_id
LEFT JOIN routing_presence p ON p.agent_id = a.id
CROSS JOIN LATERAL (SELECT coalesce({THERE}, FALSE) AS there) k
WHERE b.state = 'waiting' AND b.from_at <= %(now)s AND {GENUINE} AND {SCOPE}
ON CONFLICT DO NOTHING
"""

COUNT_HANDS = f"""
WITH used AS (
    SELECT w.agent_id, sum(CASE
        WHEN w.kind = 'callback' THEN 100
        WHEN w.state = 'taken' AND coalesce(t.last_customer_at, w.given_at) < %(now)s - %(quiet)s THEN 10
        ELSE 33 END) AS units
    FROM routing_workitem w JOIN {TICKETS} t ON t.id = w.ticket_id
    WHERE w.state IN ('offered', 'taken') AND w.kind IN ('chat', 'callback') GROUP BY w.agent_id)
UPDATE routing_presence p SET free_units = greatest(0, 100 - coalesce(n.units, 0))
FROM routing_presence o LEFT JOIN used n ON n.agent_id = o.agent_id
WHERE o.agent_id = p.agent_id AND p.free_units <> greatest(0, 100 - coalesce(n.units, 0))
"""


class Closed(NamedTuple):
    """An item that was just closed, and how it stood before."""

    id: int
    ticket_id: int
    kind: str
    eligible_at: datetime
    was: str
    agent_id: int | None


class Opened(NamedTuple):
    """An item that was just made or opened again."""

    id: int
    ticket_id: int
    state: str
    agent_id: int | None
    owner_id: int | None


def reconcile_work_items(now: datetime, ticket_ids: Sequence[int] | None = None) -> int:
    """Bring work items up to date, of all tickets or of some; return how many changed."""
    scope: dict[str, Any] = {
        "now": now,
        "tickets": None if ticket_ids is None else list(ticket_ids),
        "soon": SOON.total_seconds(),
        "quiet": QUIET_AFTER,
    }
    with transaction.atomic():
        execute_update(MAKE_AGENTS, scope)
        closed = load_rows(Closed, CLOSE, scope)
        _let_go(closed, now=now)
        moved = execute_update(MOVE, scope) + execute_update(FOLLOW_ASSIGNEE, scope)
        opened = load_rows(Opened, OPEN_TURNS, scope) + load_rows(Opened, OPEN_CHATS, scope)
        _keep_or_release(opened, now=now)
        callbacks = execute_update(OPEN_CALLBACKS, scope)
        execute_update(COUNT_HANDS, scope)
    return len(closed) + moved + len(opened) + callbacks


def _let_go(closed: list[Closed], *, now: datetime) -> None:
    """Withdraw open offers of closed items; record ended contacts and customers who gave up waiting."""
    if not closed:
        return
    ids = [item.id for item in closed]
    Offer.objects.standing().filter(item__in=ids).update(state=Offer.State.RETURNED, answered_at=now)
    for live in (True, False):
        ended = [i for i in closed if i.was == "taken" and (i.kind in WorkItem.LIVE) is live]
        agents = [item.agent_id for item in ended if item.agent_id is not None]
        end_contact(agents, live=live, now=now)
    left = [item for item in closed if item.kind == WorkItem.Kind.CHAT and item.was in ("waiting", "offered")]
    tickets = Ticket.objects.in_bulk([item.ticket_id for item in left])
    events.record_many(*(_abandoned(item, tickets[item.ticket_id], now) for item in left))


def _keep_or_release(opened: list[Opened], *, now: datetime) -> None:
    """Record which agents keep their reopened items, and unassign tickets whose agent is absent."""
    kept = [item for item in opened if item.state == "taken"]
    Decision.objects.bulk_create(
        Decision(item_id=i.id, how=Decision.How.KEPT, agent_id=i.agent_id, reason="there", at=now)
        for i in kept
    )
    lost = [item.ticket_id for item in opened if item.state == "waiting" and item.owner_id]
    return_tickets(lost, reason="not_there", now=now)


def _abandoned(item: Closed, ticket: Ticket, now: datetime) -> Event:
    waited = int((now - item.eligible_at).total_seconds())
    data = {"item": item.id, "waited_seconds": waited}
    return events.build_event("queue.abandoned", ticket=ticket, by=SYSTEM, at=now, data=data)
