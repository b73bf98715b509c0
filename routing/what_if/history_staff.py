"""Who worked in some past days: shifts less absences; for whoever signs in at will, when they were there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from routing.simulation.rosters import Span, Worker, cut_window, merge_spans
from routing.what_if.history_queries import Moment
from tickets.platform.sql import load_rows
from tickets.queries.relations import ACCOUNTS, CALLS, MEMBERSHIPS, REPLIES

AFTER_LAST_ANSWER = timedelta(minutes=15)

PEOPLE = f"""
SELECT a.id, a.schedule, a.languages, a.chat_limit, a.time_zone,
       array_agg(DISTINCT m.queue_id ORDER BY m.queue_id) AS queues,
       EXISTS (SELECT FROM {MEMBERSHIPS} o WHERE o.user_id = a.user_id AND o.role = 'agent'
               AND (o.until IS NULL OR o.until > %(begin)s) AND o.queue_id <> ALL(%(queues)s)) AS elsewhere,
       (SELECT array_agg(k.slug || ':' || s.level) FROM routing_agentskill s
        JOIN routing_skill k ON k.id = s.skill_id WHERE s.agent_id = a.id) AS levels
FROM routing_agent a JOIN {ACCOUNTS} u ON u.id = a.user_id
JOIN {MEMBERSHIPS} m ON m.user_id = u.id AND m.role = 'agent'
    AND (m.until IS NULL OR m.until > %(begin)s)
WHERE a.is_active AND u.is_active AND m.queue_id = ANY(%(queues)s)
GROUP BY a.id ORDER BY a.id
"""  # noqa: S608  (the pieces are constants)

SPANS = """
SELECT 'shift' AS kind, agent_id, lower(during) AS begin_at, upper(during) AS end_at
FROM routing_shift WHERE during && tstzrange(%(begin)s, %(end)s)
UNION ALL
SELECT 'leave', agent_id, coalesce(lower(during), %(begin)s), coalesce(upper(during), %(end)s)
FROM routing_leave WHERE during && tstzrange(%(begin)s, %(end)s)
UNION ALL
SELECT CASE WHEN status IN ('available', 'focus') THEN 'there' ELSE 'break' END, agent_id,
       lower(during), coalesce(upper(during), %(end)s)
FROM routing_presencespan
WHERE during && tstzrange(%(begin)s, %(end)s) AND status IN ('available', 'focus', 'break', 'away')
"""

ACTIVE = f"""
SELECT a.id AS agent_id, m.created_at AS at FROM {REPLIES} m
JOIN routing_agent a ON a.user_id = m.user_id
WHERE NOT m.is_auto AND m.created_at >= %(begin)s AND m.created_at < %(end)s
UNION ALL
SELECT a.id, c.started_at FROM {CALLS} c JOIN routing_agent a ON a.user_id = c.user_id
WHERE c.started_at >= %(begin)s AND c.started_at < %(end)s
ORDER BY 1, 2
"""  # noqa: S608  (the pieces are constants)

NEEDS = """
SELECT s.queue_id, k.slug, s.required_level, s.wanted_level
FROM routing_queueskill s JOIN routing_skill k ON k.id = s.skill_id
ORDER BY s.queue_id, greatest(s.required_level, s.wanted_level), k.slug DESC
"""


class Member(NamedTuple):
    """A member of the queues; `levels` are skill and level joined by a colon."""

    id: int
    schedule: str
    languages: list[str]
    chat_limit: int
    time_zone: str
    queues: list[int]
    elsewhere: bool
    levels: list[str] | None


class Stretch(NamedTuple):
    """A span of time of an agent: a shift, a leave, a presence or a break, by `kind`."""

    kind: str
    agent_id: int
    begin_at: datetime
    end_at: datetime


class QueueSkill(NamedTuple):
    """A skill that a queue asks for."""

    queue_id: int
    slug: str
    required_level: int
    wanted_level: int


class Need(NamedTuple):
    """A queue's most important skill, with the required and the wanted level; empty if it needs none."""

    skill: str = ""
    must: int = 0
    wish: int = 0


@dataclass(frozen=True)
class RecordedStaff:
    """The agents who worked, out of `members`. For `guessed` of them some hours come from their answers only.

    `elsewhere` of them work in other queues, too.
    """

    people: list[Worker]
    members: int
    guessed: int
    elsewhere: int


def load_needs() -> dict[int, Need]:
    """Return what each queue asks of whoever takes its work: of several skills the one asked for most."""
    rows = load_rows(QueueSkill, NEEDS)
    return {row.queue_id: Need(row.slug, row.required_level, row.wanted_level) for row in rows}


def load_staff(queue_ids: Sequence[int], begin: datetime, end: datetime) -> RecordedStaff:
    """Load the agents who worked in the queues from `begin` to `end`, with their present skills."""
    parameters = {"queues": list(queue_ids), "begin": begin, "end": end}
    spans: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for row in load_rows(Stretch, SPANS, parameters):
        span = (_since(begin, max(row.begin_at, begin)), _since(begin, min(row.end_at, end)))
        spans[row.kind, row.agent_id].append(span)
    active: dict[int, list[datetime]] = defaultdict(list)
    for moment in load_rows(Moment, ACTIVE, parameters):
        active[moment.agent_id].append(moment.at)
    people, guessed, members = [], 0, load_rows(Member, PEOPLE, parameters)
    for member in members:
        slots = spans["shift" if member.schedule == "planned" else "there", member.id]
        if member.schedule == "free":
            days = _from_answers(active[member.id], begin, ZoneInfo(member.time_zone))
            unseen = [day for day in days if not any(b < day[1] and day[0] < e for b, e in slots)]
            slots, guessed = slots + unseen, guessed + bool(unseen)
        people.append(_worker(member, slots, spans["leave", member.id], spans["break", member.id]))
    worked = [worker for worker in people if worker.slots]
    elsewhere = {row.id for row in members if row.elsewhere} & {worker.id for worker in worked}
    return RecordedStaff(worked, len(people), guessed, len(elsewhere))


def _worker(row: Member, slots: Iterable[Span], leaves: Iterable[Span], breaks: Iterable[Span]) -> Worker:
    worked = merge_spans(slots)
    for leave in leaves:
        worked = cut_window(worked, leave)
    within = [
        (b, e) for b, e in merge_spans(breaks) if any(begin <= b and e <= stop for begin, stop in worked)
    ]
    return Worker(
        id=row.id,
        slots=worked,
        breaks=tuple(within),
        levels=dict(_level(text) for text in row.levels or ()),
        languages=tuple(row.languages),
        queues=tuple(row.queues),
        chat_limit=row.chat_limit,
    )


def _level(text: str) -> tuple[str, int]:
    skill, _colon, level = text.rpartition(":")
    return skill, int(level)


def _from_answers(moments: Sequence[datetime], begin: datetime, zone: ZoneInfo) -> list[Span]:
    """Return for each day the span from an agent's first answer to a little after their last."""
    days: dict[date, list[datetime]] = defaultdict(list)
    for at in moments:
        days[at.astimezone(zone).date()].append(at)
    return [
        (max(0.0, _since(begin, hours[0] - AFTER_LAST_ANSWER)), _since(begin, hours[-1] + AFTER_LAST_ANSWER))
        for hours in days.values()
    ]


def _since(begin: datetime, at: datetime) -> float:
    return (at - begin).total_seconds()
