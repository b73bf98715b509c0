"""The fairness ledger: what work asked of each person, and how evenly it lies on a group.

Everybody sees their own against the group's median; supervisors see how even it is, never who is where.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import Sum

from routing.models import Agent, HardMark, Policy, WorkDay
from tickets import events
from tickets.actor import Actor
from tickets.channels.registry import find_slugs
from tickets.channels.values import Medium
from tickets.models import QueueMembership, Ticket
from tickets.platform.sql import execute_update
from tickets.queries.relations import CALLS, REPLIES

LOOK_BACK_DAYS = 2
LEAST_AVAILABLE_SECONDS = 3600
LEAST_PEERS = 4  # with fewer, a median would tell what a colleague did

# Calls and chats count as they were, a mail the usual time before it was sent; what overlaps counts once.
# A ticket worked on is a point, three where the person calls it hard. Odd hours: a shift that begins
# before 7, ends after 20, or lies on a weekend, by the person's own clock.
DERIVE = f"""
INSERT INTO routing_workday AS w (agent_id, day, contact_seconds, available_seconds, effort_points,
                                  unsocial_shifts)
WITH days AS (
    SELECT a.id AS agent_id, a.user_id, a.time_zone, d::date AS day,
           d::timestamp AT TIME ZONE a.time_zone AS starts,
           (d + interval '1 day')::timestamp AT TIME ZONE a.time_zone AS ends
    FROM routing_agent a
    CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') d
    WHERE d::timestamp AT TIME ZONE a.time_zone < %(now)s),
pieces AS (
    SELECT a.id AS agent_id, w.ticket_id, tstzrange(w.given_at, w.closed_at) AS during
    FROM routing_workitem w JOIN routing_agent a ON a.id = w.owner_id
    WHERE w.kind IN ('chat', 'callback') AND w.state = 'closed' AND w.given_at < w.closed_at
      AND w.closed_at > %(since)s
    UNION ALL
    SELECT a.id, c.ticket_id, tstzrange(c.answered_at, c.ended_at)
    FROM {CALLS} c JOIN routing_agent a ON a.user_id = c.user_id
    WHERE c.result = 'answered' AND c.started_at > %(since)s AND c.ended_at > c.answered_at
      AND NOT c.end_is_assumed
    UNION ALL
    SELECT a.id, m.ticket_id, tstzrange(m.created_at - make_interval(secs => %(mail)s), m.created_at)
    FROM {REPLIES} m JOIN routing_agent a ON a.user_id = m.user_id
    WHERE NOT m.is_auto AND m.channel_slug <> ALL(%(chats)s) AND m.created_at > %(since)s),
contact AS (
    SELECT d.agent_id, d.day, range_agg(p.during * tstzrange(d.starts, d.ends)) AS during
    FROM days d JOIN pieces p ON p.agent_id = d.agent_id AND p.during && tstzrange(d.starts, d.ends)
    GROUP BY d.agent_id, d.day),
effort AS (
    SELECT d.agent_id, d.day, sum(CASE WHEN h.id IS NULL THEN 1 ELSE 3 END) AS points
    FROM days d
    CROSS JOIN LATERAL (SELECT DISTINCT p.ticket_id FROM pieces p
        WHERE p.agent_id = d.agent_id AND upper(p.during) > d.starts AND upper(p.during) <= d.ends) t
    LEFT JOIN routing_hardmark h ON h.agent_id = d.agent_id AND h.ticket_id = t.ticket_id
    GROUP BY d.agent_id, d.day),
available AS (
    SELECT d.agent_id, d.day, sum(extract(epoch FROM least(coalesce(upper(s.during), %(now)s), d.ends)
                                          - greatest(lower(s.during), d.starts))) AS seconds
    FROM days d JOIN routing_presencespan s
        ON s.agent_id = d.agent_id AND s.status IN ('available', 'focus')
        AND s.during && tstzrange(d.starts, least(d.ends, %(now)s))
    GROUP BY d.agent_id, d.day),
odd AS (
    SELECT d.agent_id, d.day, count(*) AS shifts
    FROM days d JOIN routing_shift s ON s.agent_id = d.agent_id
        AND lower(s.during) >= d.starts AND lower(s.during) < d.ends AND lower(s.during) <= %(now)s
    CROSS JOIN LATERAL (SELECT lower(s.during) AT TIME ZONE d.time_zone AS begins,
                               upper(s.during) AT TIME ZONE d.time_zone AS stops) o
    WHERE extract(isodow FROM o.begins) >= 6 OR o.begins::time < '07:00' OR o.stops::time > '20:00'
       OR o.stops::date > o.begins::date
    GROUP BY d.agent_id, d.day)
SELECT d.agent_id, d.day,
       coalesce((SELECT sum(extract(epoch FROM upper(r) - lower(r))) FROM unnest(c.during) r), 0)::int,
       coalesce(v.seconds, 0)::int, coalesce(e.points, 0), coalesce(o.shifts, 0)
FROM days d
LEFT JOIN contact c ON c.agent_id = d.agent_id AND c.day = d.day
LEFT JOIN available v ON v.agent_id = d.agent_id AND v.day = d.day
LEFT JOIN effort e ON e.agent_id = d.agent_id AND e.day = d.day
LEFT JOIN odd o ON o.agent_id = d.agent_id AND o.day = d.day
WHERE c.during IS NOT NULL OR v.seconds IS NOT NULL OR e.points IS NOT NULL OR o.shifts IS NOT NULL
ON CONFLICT (agent_id, day) DO UPDATE
SET contact_seconds = excluded.contact_seconds, available_seconds = excluded.available_seconds,
    effort_points = excluded.effort_points, unsocial_shifts = excluded.unsocial_shifts
WHERE (w.contact_seconds, w.available_seconds, w.effort_points, w.unsocial_shifts) IS DISTINCT FROM
      (excluded.contact_seconds, excluded.available_seconds, excluded.effort_points, excluded.unsocial_shifts)
"""  # noqa: S608  (the pieces are constants)


@dataclass(frozen=True)
class Load:
    """What a period asked of one person."""

    contact_seconds: int
    available_seconds: int
    effort_points: int
    unsocial_shifts: int

    @property
    def contact_share(self) -> float:
        """The share of available time spent with customers, 0 to 1."""
        return min(1.0, self.contact_seconds / self.available_seconds) if self.available_seconds else 0.0

    @property
    def points_an_hour(self) -> float:
        return 3600 * self.effort_points / self.available_seconds if self.available_seconds else 0.0


@dataclass(frozen=True)
class Evenness:
    """How evenly something is shared by `n` people: even is Jain 1 and Gini 0; the spread is p5 to p95."""

    n: int
    jain: float
    gini: float
    low: float
    middle: float
    high: float


MEASURES = ("contact_share", "points_an_hour", "unsocial_shifts")


def refresh_ledger(now: datetime, *, days: int = LOOK_BACK_DAYS) -> int:
    """Derive the ledger of the last `days` days from rows; return how many agent-days changed."""
    last = now.date() + timedelta(days=1)  # somewhere it is tomorrow already
    first = now.date() - timedelta(days=days)
    parameters = {
        "now": now,
        "first": first,
        "last": last,
        "since": now - timedelta(days=days + 2),
        "chats": find_slugs(Medium.CHAT),
        "mail": Policy.in_force().mail.handling_seconds,
    }
    return execute_update(DERIVE, parameters)


def mark_hard(ticket: Ticket, agent: Agent, is_hard: bool, *, by: Actor, now: datetime) -> bool:
    """Mark a ticket as hard for an agent, or remove the mark; return whether anything changed."""
    with transaction.atomic():
        if is_hard:
            _mark, changed_it = HardMark.objects.get_or_create(
                agent=agent, ticket=ticket, defaults={"at": now}
            )
        else:
            changed_it = bool(HardMark.objects.filter(agent=agent, ticket=ticket).delete()[0])
        if changed_it:
            data = {"user": agent.user_id, "is_hard": is_hard}
            events.record("effort.marked", ticket=ticket, by=by, at=now, data=data)
    return changed_it


def sum_loads(queue_ids: Iterable[int], first: date, last: date, *, now: datetime) -> dict[int, Load]:
    """Return the total load of each agent of the queues from day `first` to `last`, by agent id.

    Supervisors, and agents available for less than an hour, are left out.
    """
    works = QueueMembership.objects.live(now).filter(queue__in=list(queue_ids), role="agent")
    rows = (
        WorkDay.objects.filter(agent__user__in=works.values("user_id"), day__range=(first, last))
        .order_by()
        .values("agent")
        .annotate(
            contact=Sum("contact_seconds"), there=Sum("available_seconds"), points=Sum("effort_points"),
            odd=Sum("unsocial_shifts"),
        )
        .filter(there__gte=LEAST_AVAILABLE_SECONDS)
    )  # fmt: skip
    return {row["agent"]: Load(row["contact"], row["there"], row["points"], row["odd"]) for row in rows}


def compute_medians(group: Iterable[Load]) -> dict[str, float] | None:
    """Return the median of each measure; None if the group is so small that it would expose a member."""
    members = list(group)
    if len(members) < LEAST_PEERS:
        return None
    return {name: float(median(getattr(load, name) for load in members)) for name in MEASURES}


def measure_evenness(group: Iterable[Load], measure: str) -> Evenness | None:
    """Return how evenly a measure is spread over a group; None for fewer than two agents."""
    values = sorted(float(getattr(load, measure)) for load in group)
    if len(values) < 2:
        return None
    return Evenness(
        len(values),
        jain(values),
        gini(values),
        _quantile(values, 0.05),
        _quantile(values, 0.5),
        _quantile(values, 0.95),
    )


def jain(values: Sequence[float]) -> float:
    """Return Jain's index (sum x)² / (n · sum x²): 1 for equal shares, 1/n when one has all."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def gini(values: Sequence[float]) -> float:
    """Return the Gini coefficient: 0 for equal shares, towards 1 when one has all."""
    ranked, total = sorted(values), sum(values)
    if not total:
        return 0.0
    weighted = sum(rank * value for rank, value in enumerate(ranked, 1))
    return max(0.0, 2 * weighted / (len(ranked) * total) - (len(ranked) + 1) / len(ranked))


def _quantile(ranked: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, between neighbours by straight line."""
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)
