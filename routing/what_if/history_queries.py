"""The statements that read past days: what came, who answered, what was refused, how long answers took."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from tickets.queries import relations
from tickets.queries.relations import CALLS, REPLIES, SLA_POLICIES, TICKETS

CAME = f"""
SELECT c.channel_slug, c.started_at, c.ended_at, t.queue_id, t.priority, t.language,
       r.weight AS queue_weight, coalesce(r.language, 'wanted') AS language_rule,
       k.result AS call_result, k.answered_at AS call_answered, k.ended_at AS call_ended,
       k.agent_id AS call_agent, w.given_at, w.closed_at, w.agent_id AS chat_agent,
       m.created_at AS replied_at, m.agent_id AS reply_agent,
       p.agent_id AS past, p.created_at AS past_at, p.ticket_id = t.id AS is_same_case,
       60 * CASE WHEN p.ticket_id = t.id THEN g.next_response_minutes
                 ELSE g.first_response_minutes END AS target
FROM {relations.CONTACTS} c JOIN {TICKETS} t ON t.id = c.ticket_id
LEFT JOIN routing_queuerules r ON r.queue_id = t.queue_id
LEFT JOIN {SLA_POLICIES} g ON g.queue_id = t.queue_id AND g.priority = t.priority
LEFT JOIN LATERAL (
    SELECT k.result, k.direction, k.answered_at, a.id AS agent_id,
           CASE WHEN NOT k.end_is_assumed THEN k.ended_at END AS ended_at
    FROM {CALLS} k LEFT JOIN routing_agent a ON a.user_id = k.user_id
    WHERE k.contact_id = c.id ORDER BY k.started_at LIMIT 1) k ON TRUE
LEFT JOIN LATERAL (
    SELECT w.given_at, w.closed_at, coalesce(w.agent_id, w.owner_id) AS agent_id FROM routing_workitem w
    WHERE c.channel_slug = ANY(%(chats)s) AND w.ticket_id = t.id AND w.kind = 'chat'
      AND w.eligible_at >= c.started_at - interval '2 minutes'
      AND w.eligible_at < coalesce(c.ended_at, 'infinity')
    ORDER BY w.eligible_at LIMIT 1) w ON TRUE
LEFT JOIN LATERAL (
    SELECT m.created_at, a.id AS agent_id FROM {REPLIES} m
    JOIN routing_agent a ON a.user_id = m.user_id
    WHERE m.ticket_id = t.id AND NOT m.is_auto AND m.created_at >= c.started_at
      AND m.created_at <= coalesce(c.ended_at + interval '5 seconds', 'infinity')
    ORDER BY m.created_at LIMIT 1) m ON TRUE
LEFT JOIN LATERAL (
    SELECT m.created_at, m.ticket_id, a.id AS agent_id
    FROM {TICKETS} o JOIN {REPLIES} m ON m.ticket_id = o.id
    JOIN routing_agent a ON a.user_id = m.user_id
    WHERE o.customer_id = c.customer_id AND NOT m.is_auto
      AND m.created_at < c.started_at
    ORDER BY m.created_at DESC LIMIT 1) p ON TRUE
WHERE t.queue_id = ANY(%(queues)s) AND NOT t.is_spam AND t.merged_into_id IS NULL
  AND k.direction IS DISTINCT FROM 'out' AND c.started_at < %(end)s
  AND (c.started_at >= %(begin)s
       OR NOT c.is_live AND c.started_at >= %(backlog)s AND (c.ended_at IS NULL OR c.ended_at > %(begin)s))
ORDER BY c.started_at, c.id LIMIT %(limit)s
"""  # noqa: S608  (the pieces are constants)


class Came(NamedTuple):
    """A contact: what came, who took it, and who had answered the customer last before it."""

    channel_slug: str
    started_at: datetime
    ended_at: datetime | None
    queue_id: int
    priority: int
    language: str
    queue_weight: float | None
    language_rule: str
    call_result: str | None
    call_answered: datetime | None
    call_ended: datetime | None
    call_agent: int | None
    given_at: datetime | None
    closed_at: datetime | None
    chat_agent: int | None
    replied_at: datetime | None
    reply_agent: int | None
    past: int | None
    past_at: datetime | None
    is_same_case: bool | None
    target: int | None  # seconds


CALLED_BACK = f"""
SELECT w.eligible_at, w.given_at, w.closed_at, w.state, coalesce(w.agent_id, w.owner_id) AS agent_id,
       t.queue_id, t.priority, t.language, r.weight AS queue_weight,
       coalesce(r.language, 'wanted') AS language_rule,
       extract(epoch FROM b.until_at - b.from_at) AS target
FROM routing_workitem w JOIN {TICKETS} t ON t.id = w.ticket_id
JOIN {relations.CALLBACKS} b ON b.id = w.callback_id
LEFT JOIN routing_queuerules r ON r.queue_id = t.queue_id
WHERE w.kind = 'callback' AND t.queue_id = ANY(%(queues)s) AND NOT t.is_spam
  AND w.eligible_at >= %(begin)s AND w.eligible_at < %(end)s
ORDER BY w.eligible_at LIMIT %(limit)s
"""  # noqa: S608  (the pieces are constants)


class CalledBack(NamedTuple):
    """A call back: when it was due, who made it and when; `target` is its window in seconds."""

    eligible_at: datetime
    given_at: datetime | None
    closed_at: datetime | None
    state: str
    agent_id: int | None
    queue_id: int
    priority: int
    language: str
    queue_weight: float | None
    language_rule: str
    target: Decimal | None


# The moments at which people finished something: what they did next cannot have begun before.
FINISHED = f"""
SELECT a.id AS agent_id, m.created_at AS at FROM {REPLIES} m
JOIN routing_agent a ON a.user_id = m.user_id
WHERE NOT m.is_auto AND m.created_at >= %(begin)s - interval '1 hour'
  AND m.created_at < %(end)s + interval '2 days'
"""  # noqa: S608  (the pieces are constants)


class Moment(NamedTuple):
    """When an agent answered."""

    agent_id: int
    at: datetime


OFFERS = """
SELECT count(*) AS n, count(*) FILTER (WHERE o.state IN ('declined', 'expired')) AS refused,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.answered_at - o.offered_at))
           FILTER (WHERE o.state IN ('accepted', 'returned')) AS seconds
FROM routing_offer o JOIN routing_workitem w ON w.id = o.item_id
WHERE w.queue_id = ANY(%(queues)s) AND o.offered_at >= %(begin)s AND o.offered_at < %(end)s
"""


class Offers(NamedTuple):
    """How many offers were made, how many of them refused, and the median seconds until they were taken."""

    n: int
    refused: int
    seconds: float | None


ANSWERS = f"""
SELECT tickets_open_seconds(%(calendar)s, created_at, first_response_at) FROM {TICKETS} t
WHERE queue_id = %(queue)s AND first_response_at < %(begin)s AND NOT is_spam
ORDER BY first_response_at DESC LIMIT %(last)s
"""  # noqa: S608  (the pieces are constants)

LIVE_ANSWERS = """
SELECT date_part('epoch', o.answered_at - w.eligible_at)
FROM routing_offer o JOIN routing_workitem w ON w.id = o.item_id
WHERE w.queue_id = %(queue)s AND o.state IN ('accepted', 'returned') AND w.kind = 'chat'
  AND o.answered_at < %(begin)s
ORDER BY o.id DESC LIMIT %(last)s
"""
