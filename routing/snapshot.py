"""Read what waits and who could take it into the engine's values, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from psycopg import ClientCursor

from routing import acquaintances, crews, engine
from routing.crews import IN_OFFICE, Crew
from routing.engine import Exclusion, Hold, Known, Need
from routing.engine.team import Team
from routing.models import Policy, QueueRules, WorkItem
from routing.models.workitem import MEDIUM
from routing.rows import numbers, rows

MOST_ITEMS = 500
EXCLUDED_FOR = timedelta(minutes=10)
WRITING = timedelta(minutes=2)
SETTLING, APART = (
    timedelta(minutes=10),
    timedelta(minutes=2),
)  # after signing on mails come one after the other
WEIGHTS = {0: 0.5, 1: 1.0, 2: 2.0, 3: 4.0}  # by a ticket's priority

# Of each kind of request (queue, kind, language) the most urgent come first, so that what nobody can
# take now does not hide what somebody could.
ITEMS = """
WITH ranked AS (
    SELECT w.id, w.eligible_at, t.customer_id, t.language, t.priority, t.first_response_at,
           row_number() OVER (PARTITION BY w.queue_id, w.kind, t.language
                              ORDER BY t.priority DESC, w.eligible_at, w.id) AS place
    FROM routing_workitem w JOIN tickets_ticket t ON t.id = w.ticket_id
    WHERE w.state = 'waiting' AND (%(queues)s::bigint[] IS NULL OR w.queue_id = ANY(%(queues)s))
    ORDER BY place, w.eligible_at, w.id LIMIT %(limit)s)
SELECT w.id, w.kind, w.queue_id, w.eligible_at, w.owner_id, w.hold_agent_id, w.hold_until, w.waiting_why,
       t.customer_id, t.language, t.priority,
       r.weight AS queue_weight, coalesce(r.language, 'wanted') AS language_rule, r.region, r.clearances,
       coalesce(r.office_only, FALSE) AS office_only,
       60 * CASE WHEN t.first_response_at IS NULL THEN g.first_response_minutes
                 ELSE g.next_response_minutes END AS sla_seconds,
       extract(epoch FROM b.until_at - b.from_at) AS window_seconds,
       CASE WHEN w.kind IN ('chat', 'callback') OR q.calendar_id IS NULL THEN 0
            ELSE extract(epoch FROM %(now)s - w.eligible_at)
               - routing_open_seconds(q.calendar_id, w.eligible_at, %(now)s) END AS closed_seconds
FROM ranked t
JOIN routing_workitem w ON w.id = t.id
JOIN tickets_queue q ON q.id = w.queue_id
LEFT JOIN routing_queuerules r ON r.queue_id = w.queue_id
LEFT JOIN tickets_slapolicy g ON g.queue_id = w.queue_id AND g.priority = t.priority
LEFT JOIN tickets_callback b ON b.id = w.callback_id
"""

EXCLUSIONS = """
SELECT item_id, agent_id, answered_at AS at FROM routing_offer
WHERE item_id = ANY(%(items)s) AND state IN ('declined', 'expired') AND answered_at > %(since)s
UNION ALL
SELECT item_id, agent_id, at FROM routing_decision
WHERE item_id = ANY(%(items)s) AND how = 'released' AND at > %(since)s AND agent_id IS NOT NULL
"""

# What changes all the time about people, in columns of fixed width: read as one block of bytes.
HANDS = """
COPY (
WITH hands AS (
    SELECT w.agent_id,
        count(*) FILTER (WHERE w.kind NOT IN ('chat', 'callback') AND w.state = 'taken') AS mails,
        count(*) FILTER (WHERE w.kind = 'callback' AND w.state = 'taken') AS calls,
        count(*) FILTER (WHERE w.kind = 'chat' AND w.state = 'taken' AND NOT q.is_quiet) AS chats,
        count(*) FILTER (WHERE w.kind = 'chat' AND w.state = 'taken' AND q.is_quiet) AS quiet_chats,
        bool_or(w.state = 'offered') AS offer_open,
        max(w.given_at) FILTER (WHERE w.kind NOT IN ('chat', 'callback') AND w.state = 'taken')
            AS mail_given_at,
        max(w.given_at) FILTER (WHERE w.kind IN ('chat', 'callback') AND w.state = 'taken') AS live_given_at
    FROM routing_workitem w LEFT JOIN tickets_ticket t ON w.kind = 'chat' AND t.id = w.ticket_id
    CROSS JOIN LATERAL (
        SELECT coalesce(t.last_customer_at, w.given_at) < %(now)s - interval '5 minutes' AS is_quiet) q
    WHERE w.state IN ('offered', 'taken') GROUP BY w.agent_id),
writing AS (
    SELECT d.user_id, count(DISTINCT d.ticket_id) AS mails FROM tickets_draft d
    WHERE d.updated_at > %(writing)s AND d.text <> '' GROUP BY d.user_id),
interrupted AS (
    SELECT DISTINCT agent_id FROM routing_offer
    WHERE state = 'accepted' AND answered_at > %(interrupted)s)
SELECT p.agent_id,
       CASE p.status WHEN 'available' THEN 1 WHEN 'focus' THEN 2 WHEN 'away' THEN 3 WHEN 'break' THEN 3
           ELSE 0 END::int2,
       coalesce(extract(epoch FROM p.seen_at), 0)::float8,
       extract(epoch FROM coalesce(p.last_contact_at, p.since))::float8,
       coalesce(extract(epoch FROM p.last_live_at)::float8, '-infinity'),
       coalesce(extract(epoch FROM p.return_at)::float8, 'infinity'),
       coalesce(extract(epoch FROM h.live_given_at), 0)::float8,
       p.elder_credit::int2, coalesce(h.mails, 0)::int4, coalesce(h.calls, 0)::int2,
       coalesce(h.chats, 0)::int2, coalesce(h.quiet_chats, 0)::int2, coalesce(g.mails, 0)::int2,
       coalesce(h.offer_open, FALSE), i.agent_id IS NOT NULL, p.takes_calls, p.takes_chats, p.takes_mail,
       coalesce(p.signed_on_at > %(now)s - %(settling)s AND h.mail_given_at > %(now)s - %(apart)s, FALSE)
FROM routing_presence p JOIN routing_agent a ON a.id = p.agent_id
LEFT JOIN hands h ON h.agent_id = p.agent_id
LEFT JOIN writing g ON g.user_id = a.user_id
LEFT JOIN interrupted i ON i.agent_id = p.agent_id
WHERE p.agent_id = ANY(%(agents)s::bigint[])
ORDER BY p.agent_id) TO STDOUT (FORMAT BINARY)
"""
COLUMNS = (
    ("agent", ">i8"), ("status", ">i2"), ("seen_at", ">f8"), ("last_contact_at", ">f8"),
    ("last_live_at", ">f8"),
    ("return_at", ">f8"), ("live_given_at", ">f8"), ("credit", ">i2"), ("mails", ">i4"), ("calls", ">i2"),
    ("chats", ">i2"), ("quiet_chats", ">i2"), ("writing", ">i2"), ("offer_open", "?"), ("interrupted", "?"),
    ("takes_calls", "?"), ("takes_chats", "?"), ("takes_mail", "?"), ("settling", "?"),
)  # fmt: skip
OFFLINE, AVAILABLE, FOCUS, AWAY = range(4)
HEADER, TRAILER = 19, 2  # bytes of PostgreSQL's binary COPY around the rows


@dataclass(frozen=True)
class Snapshot:
    """What the engine decides on, with the rows that the decisions are written back to."""

    items: list[engine.WorkItem]
    team: Team
    policy: engine.Policy
    rows: dict[int, Any]
    shard: int = 0


def take(now: datetime, policy: engine.Policy | None = None, *, shard: int | None = None) -> Snapshot:
    """Read everything for one tick of a shard, or of all as one; moments become seconds since 1970."""
    policy = policy or Policy.in_force()
    known = crews.at(now)
    crew = known.whole() if shard is None else known.crew_of(shard)[1]
    queues = None if shard is None else sorted(crew.queues)
    found = rows(ITEMS, {"now": now, "limit": MOST_ITEMS, "queues": queues})
    if not found:
        return Snapshot([], Team.of(()), policy, {}, shard or 0)
    items = _items(found, now, known.needs)
    return Snapshot(items, team(crew, now, policy), policy, {row.id: row for row in found}, shard or 0)


def team(crew: Crew, now: datetime, policy: engine.Policy) -> Team:
    """Return the people of a shard as columns, with what they have in hand now."""
    hands = _hands(crew, now)
    status, live = hands["status"], hands["live_given_at"] > 0
    there = (status == AVAILABLE) | (status == FOCUS)
    lasts = np.where(hands["calls"] > 0, policy.voice.handling_seconds, policy.chat.handling_seconds)
    return Team(
        ids=crew.ids,
        seen_at=hands["seen_at"].astype(np.float64),
        shift_until=crew.shift_until,
        back_at=np.where(status == AWAY, hands["return_at"], crew.next_shift),
        on_leave=crew.on_leave,
        stays_late=crew.stays_late,
        focus=status == FOCUS,
        voice=(status == AVAILABLE) & hands["takes_calls"],
        chat=(status == AVAILABLE) & hands["takes_chats"],
        mail=there & hands["takes_mail"],
        calls=hands["calls"].astype(np.int64),
        chats=hands["chats"].astype(np.int64),
        quiet_chats=hands["quiet_chats"].astype(np.int64),
        chat_limit=crew.chat_limit,
        active_mails=hands["writing"].astype(np.int64),
        mail_interrupted=hands["interrupted"],
        places=crew.places,
        places_held=hands["mails"].astype(np.int64),
        offer_open=hands["offer_open"],
        last_contact_at=hands["last_contact_at"].astype(np.float64),
        last_live_at=hands["last_live_at"].astype(np.float64),
        live_ends_at=np.where(live, hands["live_given_at"] + lasts, 0.0),
        occupancy=crew.count_work(now),
        group=crew.group,
        elder_credit=hands["credit"].astype(np.int64),
        regions=crew.regions,
        levels=crew.levels,
        speakers=crew.speakers,
        members=crew.members,
        cleared=crew.cleared,
        settling=hands["settling"],
        lasting=crew.lasting,
    )


def _items(
    found: Sequence[Any], now: datetime, asked: dict[int, list[tuple[str, int, int]]]
) -> list[engine.WorkItem]:
    since = now - EXCLUDED_FOR
    excluded: dict[int, list[Exclusion]] = defaultdict(list)
    for row in rows(EXCLUSIONS, {"items": [row.id for row in found], "since": since}):
        excluded[row.item_id].append(Exclusion(row.agent_id, _seconds(row.at + EXCLUDED_FOR)))
    known = acquaintances.of([row.customer_id for row in found])
    needs = {queue: _needs(asked.get(queue, ())) for queue in {row.queue_id for row in found}}
    return [
        _item(row, needs[row.queue_id], known[row.customer_id], tuple(sorted(excluded[row.id], key=repr)))
        for row in found
    ]


def _item(
    row: Any,
    needs: tuple[tuple[Need, ...], tuple[Need, ...]],
    known: Sequence[Known],
    out: tuple[Exclusion, ...],
) -> engine.WorkItem:
    language = "" if row.language_rule == QueueRules.Language.ANY else row.language
    target = row.window_seconds or row.sla_seconds if row.kind != WorkItem.Kind.CHAT else None
    return engine.WorkItem(
        id=row.id,
        medium=MEDIUM[row.kind],
        eligible_at=_seconds(row.eligible_at),
        queue=row.queue_id,
        weight=WEIGHTS.get(row.priority, 1.0) * (row.queue_weight or 1.0),
        target_seconds=float(target) if target else None,
        closed_seconds=float(row.closed_seconds),
        required=needs[0],
        wanted=needs[1],
        language=language,
        language_required=row.language_rule == QueueRules.Language.REQUIRED,
        region=row.region or "",
        clearances=frozenset(row.clearances or ()) | ({IN_OFFICE} if row.office_only else frozenset()),
        known=acquaintances.with_owner(known, row.owner_id),
        excluded=out,
        hold=Hold(row.hold_agent_id, _seconds(row.hold_until)) if row.hold_agent_id else None,
    )


def _hands(crew: Crew, now: datetime) -> Any:
    """Return a record for each of a crew; who has no presence yet is offline."""
    record = np.dtype(
        [("fields", ">i2"), *(pair for name, kind in COLUMNS for pair in ((f"_{name}", ">i4"), (name, kind)))]
    )
    asked = {
        "now": now,
        "writing": now - WRITING,
        "settling": SETTLING,
        "apart": APART,
        "interrupted": now - 2 * WRITING,
        "agents": numbers(crew.ids.tolist()),
    }
    with connection.cursor() as cursor, cursor.copy(_filled_in(HANDS, asked)) as copy:
        block = b"".join(bytes(part) for part in copy)
    read = np.frombuffer(
        block, dtype=record, offset=HEADER, count=(len(block) - HEADER - TRAILER) // record.itemsize
    )
    if len(read) == len(crew.ids):
        return read
    hands = np.zeros(len(crew.ids), dtype=record)
    hands["last_live_at"], hands["return_at"] = -np.inf, np.inf
    hands[np.searchsorted(crew.ids, read["agent"])] = read
    return hands


def _filled_in(statement: str, parameters: dict[str, Any]) -> str:
    """Return a statement with its parameters in it: COPY takes none from outside."""
    with ClientCursor(connection.connection) as cursor:
        return cursor.mogrify(statement, parameters)


def _needs(asked: Sequence[tuple[str, int, int]]) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    """Return a queue's required and wanted skills."""
    musts = tuple(Need(slug, must) for slug, must, _ in asked if must)
    return musts, tuple(Need(slug, wish) for slug, must, wish in asked if wish > must)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
