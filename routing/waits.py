"""An honest estimate of when a person will answer: who is there, what waits, how long answers took."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from routing.models import Policy, QueueWait
from routing.rows import rows
from routing.whereabouts import MAY_WORK, ON_LEAVE, THERE, USERS
from tickets import opening
from tickets.calendars import Hours
from tickets.models import Queue, SlaPolicy
from tickets.promises import Estimate

LIVE = frozenset({"chat", "phone"})
ENOUGH = 20
LAST_ANSWERS = 200
COUNTED_FOR = timedelta(minutes=15)  # older counts are made anew by whoever needs them
PLANNED_CERTAINTY = 0.6
SHORTEST = timedelta(minutes=15)
SHORTEST_LIVE = timedelta(minutes=1)
LONGEST_LIVE = timedelta(minutes=30)
DUTY_REACH = timedelta(days=14)

# The next shift is looked for only where nobody is there.
# Supervisors help out when they take something themselves; a promise counts on the agents only.
STAFF = f"""
SELECT count(*) FILTER (WHERE {THERE} AND (NOT %(live)s OR p.status = 'available')) AS there,
       count(*) FILTER (WHERE a.schedule = 'free' AND NOT {ON_LEAVE}) AS free,
       CASE WHEN count(*) FILTER (WHERE {THERE} AND (NOT %(live)s OR p.status = 'available')) = 0 THEN
         (SELECT min(lower(s.during)) FROM routing_shift s
          JOIN routing_agent b ON b.id = s.agent_id
          JOIN tickets_queuemembership n ON n.user_id = b.user_id
          WHERE n.queue_id = %(queue)s AND b.is_active AND lower(s.during) > %(now)s
            AND lower(s.during) < %(reach)s) END AS next_shift,
       (SELECT count(*) FROM routing_workitem w
        WHERE w.queue_id = %(queue)s AND w.state IN ('waiting', 'offered')) AS ahead,
       (SELECT ARRAY[c.answers, c.half_seconds, c.most_seconds] FROM routing_queuewait c
        WHERE c.queue_id = %(queue)s AND c.is_live = %(live)s
          AND c.counted_at BETWEEN %(counted)s AND %(now)s) AS counted
FROM routing_agent a JOIN {USERS} u ON u.id = a.user_id
JOIN tickets_queuemembership m ON m.user_id = u.id
LEFT JOIN routing_presence p ON p.agent_id = a.id
WHERE m.queue_id = %(queue)s AND m.role = 'agent' AND (m.until IS NULL OR m.until > %(now)s) AND {MAY_WORK}
"""  # noqa: S608  (the pieces are constants of this package)

ANSWERS = """
SELECT count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS half,
       percentile_cont(0.8) WITHIN GROUP (ORDER BY seconds) AS most
FROM (SELECT routing_open_seconds(%(calendar)s, created_at, first_response_at) AS seconds
      FROM tickets_ticket
      WHERE queue_id = %(queue)s AND first_response_at IS NOT NULL AND NOT is_spam
      ORDER BY updated_at DESC LIMIT %(last)s) a
"""

LIVE_ANSWERS = """
SELECT count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS half,
       percentile_cont(0.8) WITHIN GROUP (ORDER BY seconds) AS most
FROM (SELECT extract(epoch FROM o.answered_at - w.eligible_at) AS seconds
      FROM routing_offer o JOIN routing_workitem w ON w.id = o.item_id
      WHERE w.queue_id = %(queue)s AND o.state IN ('accepted', 'returned') AND w.kind = 'chat'
      ORDER BY o.id DESC LIMIT %(last)s) a
"""


class Answers(NamedTuple):
    """How many answers are on record, and the median and 80th percentile of their waits in seconds."""

    n: float
    half: float | None
    most: float | None


def estimate(queue: Queue, *, channel_slug: str, now: datetime) -> Estimate | None:
    """Return when a person will answer what arrives now, or None when nobody can honestly say.

    Nobody there and no shift planned or hours known ahead: no estimate. With at least 20 answers on
    record the range reaches from their median to their 80th percentile in open time, which then is its
    certainty; with fewer it rests on the plan and says so.
    """
    is_live = channel_slug in LIVE
    moments = {"now": now, "reach": now + DUTY_REACH, "counted": now - COUNTED_FOR}
    (staff,) = rows(STAFF, {"queue": queue.pk, "live": is_live, **moments})
    hours = opening.of_queue(queue, now=now)
    starts = _staffed_from(staff, hours, now)
    if starts is None:
        return None
    if is_live and not staff.there:
        return None  # nobody can talk now; mail or a call back is the honest offer
    answers = Answers(*staff.counted) if staff.counted else _count(queue, is_live=is_live)
    basis: dict[str, Any] = {"there": staff.there, "ahead": staff.ahead, "answers": int(answers.n)}
    if answers.n >= ENOUGH:
        return _from_answers(answers, hours, starts, is_live=is_live, basis=basis)
    return _from_plan(queue, staff, hours, starts, is_live=is_live, basis=basis)


def refresh(now: datetime) -> int:
    """Count the waits of every active queue, so that an estimate only reads them; return how many queues."""
    queues = list(Queue.objects.active())
    for queue in queues:
        for is_live in (False, True):
            found = _count(queue, is_live=is_live)
            counted = {"answers": found.n, "half_seconds": found.half, "most_seconds": found.most}
            QueueWait.objects.update_or_create(
                queue=queue, is_live=is_live, defaults={**counted, "counted_at": now}
            )
    return len(queues)


def _count(queue: Queue, *, is_live: bool) -> Answers:
    asked = {"queue": queue.pk, "calendar": queue.calendar_id, "last": LAST_ANSWERS}
    (found,) = rows(LIVE_ANSWERS if is_live else ANSWERS, asked)
    return Answers(found.n, found.half, found.most)


def _staffed_from(staff: Any, hours: Hours, now: datetime) -> datetime | None:
    """Return when somebody is there: now, at the next shift, or at the next opening."""
    if staff.there:
        return now
    opening_at = hours.next_opening(now) if staff.free and not hours.is_always_open else None
    moments = [moment for moment in (staff.next_shift, opening_at) if moment is not None]
    return min(moments, default=None)


def _from_answers(
    answers: Answers, hours: Hours, starts: datetime, *, is_live: bool, basis: dict[str, Any]
) -> Estimate | None:
    half, most = timedelta(seconds=answers.half or 0.0), timedelta(seconds=answers.most or 0.0)
    return _range(hours, starts, half, most, 0.8, is_live=is_live, basis=basis | {"method": "answers"})


def _from_plan(
    queue: Queue, staff: Any, hours: Hours, starts: datetime, *, is_live: bool, basis: dict[str, Any]
) -> Estimate | None:
    """Estimate by work ahead, shared by those there, each piece at its usual length; at most the target."""
    policy = Policy.in_force()
    usual = policy.chat if is_live else policy.mail
    share = (staff.ahead + 1) / max(1, staff.there or staff.free)
    soon = timedelta(seconds=usual.handling_seconds * share)
    sla = (
        SlaPolicy.objects.filter(queue=queue, priority=1)
        .values_list("first_response_minutes", flat=True)
        .first()
    )
    target = timedelta(minutes=sla) if sla else timedelta(seconds=usual.target_seconds)
    most = max(soon * 2, target if not is_live else SHORTEST_LIVE)
    return _range(
        hours, starts, soon, most, PLANNED_CERTAINTY, is_live=is_live, basis=basis | {"method": "plan"}
    )


def _range(
    hours: Hours,
    starts: datetime,
    half: timedelta,
    most: timedelta,
    certainty: float,
    *,
    is_live: bool,
    basis: dict[str, Any],
) -> Estimate | None:
    """Return the range as moments; a live wait beyond half an hour is not promised."""
    if is_live:
        if most > LONGEST_LIVE:
            return None
        return Estimate(starts + half, starts + max(most, SHORTEST_LIVE), certainty, basis)
    until = hours.due(starts, max(most, SHORTEST).total_seconds())
    first = hours.due(starts, half.total_seconds())
    if until is None:
        return None
    return Estimate(min(first or until, until), until, certainty, basis)
