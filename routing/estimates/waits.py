"""Estimate when a person will answer, from the agents present, the waiting items and recent answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from routing.estimates import lately, ranges
from routing.estimates.ranges import Answers, Range, Staff
from routing.models import Policy, QueueWait
from routing.queries.conditions import MAY_WORK, ON_LEAVE, QUIET_AFTER, THERE
from tickets.hours import opening_hours
from tickets.hours.business_time import Hours
from tickets.models import Queue, SlaPolicy
from tickets.platform.sql import load_row
from tickets.promises.promises import Estimate
from tickets.queries.relations import ACCOUNTS, LIVE_MEMBERSHIPS, MEMBERSHIPS, TICKETS

LAST_ANSWERS = 200
COUNTED_FOR = timedelta(minutes=15)  # older counts are computed again when they are needed
DUTY_REACH = timedelta(days=14)

# Agents who can take a chat now: available for chats, and not about to end their shift.
TAKES_CHATS = f"""({THERE} AND p.status = 'available' AND p.takes_chats
    AND (a.schedule = 'free' OR a.stays_late OR EXISTS (SELECT FROM routing_shift s
         WHERE s.agent_id = a.id AND s.during @> %(now)s AND upper(s.during) > %(outlasts)s)))"""

# How many more chats an agent can take: a quiet chat uses no capacity, and a phone call uses all of it.
FREE_CAPACITY = f"""(SELECT CASE WHEN count(*) FILTER (WHERE w.kind = 'callback') > 0 THEN 0
                ELSE greatest(0, a.chat_limit - count(*)) END
    FROM routing_workitem w JOIN {TICKETS} t ON t.id = w.ticket_id
    WHERE w.agent_id = a.id AND w.state = 'taken' AND (w.kind = 'callback'
        OR w.kind = 'chat' AND coalesce(t.last_customer_at, w.given_at) >= %(quiet)s))"""  # noqa: S608

# The number of items ahead of one that arrives now. Ahead of live work there is only live work.
AHEAD = """(SELECT count(*) FROM routing_workitem w
    WHERE w.queue_id = %(queue)s AND w.state IN ('waiting', 'offered') AND w.eligible_at <= %(now)s
      AND (NOT %(live)s OR w.kind IN ('chat', 'callback')))"""

# The next shift is loaded only if no agent is present.
# Only agents are counted: supervisors may take work, but no promise relies on them.
STAFF = f"""
SELECT count(*) FILTER (WHERE {THERE} AND (NOT %(live)s OR {TAKES_CHATS})) AS there,
       count(*) FILTER (WHERE a.schedule = 'free' AND NOT {ON_LEAVE}) AS free,
       CASE WHEN count(*) FILTER (WHERE {THERE} AND (NOT %(live)s OR {TAKES_CHATS})) = 0 THEN
         (SELECT min(lower(s.during)) FROM routing_shift s
          JOIN routing_agent b ON b.id = s.agent_id
          JOIN {MEMBERSHIPS} n ON n.user_id = b.user_id
          WHERE n.queue_id = %(queue)s AND b.is_active AND lower(s.during) > %(now)s
            AND lower(s.during) < %(reach)s) END AS next_shift,
       {AHEAD} AS ahead,
       coalesce(sum(CASE WHEN %(live)s AND {TAKES_CHATS} THEN {FREE_CAPACITY} END), 0)::int AS free_capacity,
       coalesce(sum(a.chat_limit) FILTER (WHERE %(live)s AND {TAKES_CHATS}), 0)::int AS places,
       (SELECT ARRAY[c.answers, c.half_seconds, c.most_seconds] FROM routing_queuewait c
        WHERE c.queue_id = %(queue)s AND c.is_live = %(live)s
          AND c.counted_at BETWEEN %(counted)s AND %(now)s) AS counted
FROM routing_agent a JOIN {ACCOUNTS} u ON u.id = a.user_id
JOIN {LIVE_MEMBERSHIPS} m ON m.user_id = u.id
LEFT JOIN routing_presence p ON p.agent_id = a.id
WHERE m.queue_id = %(queue)s AND m.role = 'agent' AND {MAY_WORK}
"""  # noqa: S608  (the pieces are constants)

LIVE_ANSWERS = """
SELECT count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS half,
       percentile_cont(0.8) WITHIN GROUP (ORDER BY seconds) AS most
FROM (SELECT extract(epoch FROM o.answered_at - w.eligible_at) AS seconds
      FROM routing_offer o JOIN routing_workitem w ON w.id = o.item_id
      WHERE w.queue_id = %(queue)s AND o.state IN ('accepted', 'returned') AND w.kind = 'chat'
      ORDER BY o.id DESC LIMIT %(last)s) a
"""


class Staffing(NamedTuple):
    """The agents present for a queue, and the recent statistics of its answers, if they were computed."""

    there: int
    free: int
    next_shift: datetime | None
    ahead: int
    free_capacity: int
    places: int
    counted: list[float | None] | None


def estimate_answer(queue: Queue, *, is_live: bool, now: datetime) -> Estimate | None:
    """Return when a person will answer an item that arrives now, or None if no honest estimate is possible.

    There is none if no agent is present and no shift or opening is planned. With at least 20 recorded
    answers the range goes from the median to the 80th percentile of their waits in open time, and that is its
    certainty; with fewer, the plan is used. For live work only live answers count, and only the agents who
    take it: if one is free, the answer comes at once, however long the latest waits were.
    """
    found = _load_staffing(queue, is_live=is_live, now=now)
    staff = Staff(found.there, found.free, found.next_shift, found.ahead, found.free_capacity, found.places)
    hours = opening_hours.load_queue_hours(queue, now=now)
    starts = ranges.find_start(staff, hours, now, is_live=is_live)
    if starts is None:
        return None
    answers = (
        Answers._make(found.counted) if found.counted else _load_answers(queue, is_live=is_live, now=now)
    )
    plan = partial(_estimate_by_plan, queue, staff, hours, starts, is_live=is_live)
    reach, method = ranges.choose_range(answers, staff, hours, starts, plan, is_live=is_live)
    if reach is None:
        return None
    basis = {"there": staff.there, "ahead": staff.ahead, "answers": int(answers.n), "method": method}
    return Estimate(reach.from_at, reach.until_at, reach.certainty, basis)


def _load_staffing(queue: Queue, *, is_live: bool, now: datetime) -> Staffing:
    usual = Policy.in_force().chat.handling_seconds if is_live else 0.0
    moments = {
        "now": now,
        "reach": now + DUTY_REACH,
        "counted": now - COUNTED_FOR,
        "outlasts": now + timedelta(seconds=usual),
        "quiet": now - QUIET_AFTER,
    }
    return load_row(Staffing, STAFF, {"queue": queue.pk, "live": is_live, **moments})


def refresh_counts(now: datetime) -> int:
    """Store the waits of every active queue, so that estimates only read them; return how many queues."""
    queues = list(Queue.objects.active())
    for queue in queues:
        for is_live in (False, True):
            found = _load_answers(queue, is_live=is_live, now=now)
            counted = {"answers": found.n, "half_seconds": found.half, "most_seconds": found.most}
            QueueWait.objects.update_or_create(
                queue=queue, is_live=is_live, defaults={**counted, "counted_at": now}
            )
    return len(queues)


def _load_answers(queue: Queue, *, is_live: bool, now: datetime) -> Answers:
    if not is_live:
        return lately.count_waits(queue, now=now)
    return load_row(Answers, LIVE_ANSWERS, {"queue": queue.pk, "last": LAST_ANSWERS})


def _estimate_by_plan(
    queue: Queue, staff: Staff, hours: Hours, starts: datetime, *, is_live: bool
) -> Range | None:
    """Estimate by the plan: the waiting items at their usual handling time, and the queue's target."""
    policy = Policy.in_force()
    usual = policy.chat if is_live else policy.mail
    sla = (
        SlaPolicy.objects.filter(queue=queue, priority=1)
        .values_list("first_response_minutes", flat=True)
        .first()
    )
    return ranges.estimate_from_plan(
        staff,
        hours,
        starts,
        handling_seconds=usual.handling_seconds,
        target_seconds=60 * sla if sla else usual.target_seconds,
        is_live=is_live,
    )
