# ruff: noqa: S608  (every piece put into a statement is a constant of this package)
"""Read what waits and who could take it into the engine's values, in a constant number of queries."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from routing import engine
from routing.engine import Agent, Exclusion, Hold, Known, Need
from routing.models import Policy, QueueRules, QueueSkill, Relationship, WorkItem
from routing.models.presence import allowed
from routing.models.workitem import MEDIUM
from routing.rows import rows
from routing.whereabouts import ON_LEAVE, USERS

MOST_ITEMS = 500
EXCLUDED_FOR = timedelta(minutes=10)
LOOK_BACK = timedelta(hours=2)
LEAST_AVAILABLE_SECONDS = 3600  # somebody who has just come is not called busy
FREE_SCHEDULE_LASTS = timedelta(hours=12)
WRITING = timedelta(minutes=2)
IN_OFFICE = (
    "in the office"  # a clearance that the place gives: work that may not leave the office asks for it
)
WEIGHTS = {0: 0.5, 1: 1.0, 2: 2.0, 3: 4.0}  # by a ticket's priority

# Of each kind of request (queue, kind, language) the most urgent come first, so that what nobody can
# take now does not hide what somebody could.
ITEMS = """
WITH ranked AS (
    SELECT w.id, w.eligible_at, t.customer_id, t.language, t.priority, t.first_response_at,
           row_number() OVER (PARTITION BY w.queue_id, w.kind, t.language
                              ORDER BY t.priority DESC, w.eligible_at, w.id) AS place
    FROM routing_workitem w JOIN tickets_ticket t ON t.id = w.ticket_id
    WHERE w.state = 'waiting'
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

# A leave of three days or more ended within the last day: work comes back little by little.
JUST_BACK = """EXISTS (SELECT FROM routing_leave l WHERE l.agent_id = a.id
    AND upper(l.during) - lower(l.during) >= interval '3 days'
    AND upper(l.during) <= %(now)s AND upper(l.during) > %(now)s - interval '1 day')"""

AGENTS = f"""
WITH hands AS (
    SELECT w.agent_id,
        count(*) FILTER (WHERE w.kind NOT IN ('chat', 'callback') AND w.state = 'taken') AS mails,
        count(*) FILTER (WHERE w.kind = 'callback' AND w.state = 'taken') AS calls,
        count(*) FILTER (WHERE w.kind = 'chat' AND w.state = 'taken' AND NOT q.is_quiet) AS chats,
        count(*) FILTER (WHERE w.kind = 'chat' AND w.state = 'taken' AND q.is_quiet) AS quiet_chats,
        bool_or(w.state = 'offered') AS offer_open,
        max(w.given_at) FILTER (WHERE w.kind IN ('chat', 'callback') AND w.state = 'taken') AS live_given_at
    FROM routing_workitem w JOIN tickets_ticket t ON t.id = w.ticket_id
    CROSS JOIN LATERAL (
        SELECT coalesce(t.last_customer_at, w.given_at) < %(now)s - interval '5 minutes' AS is_quiet) q
    WHERE w.state IN ('offered', 'taken') GROUP BY w.agent_id),
writing AS (
    SELECT d.user_id, count(DISTINCT d.ticket_id) AS mails FROM tickets_draft d
    WHERE d.updated_at > %(writing)s AND d.text <> '' GROUP BY d.user_id),
effort AS (
    SELECT agent_id, sum(effort_seconds) AS seconds FROM routing_decision
    WHERE at > %(since)s AND effort_seconds > 0 GROUP BY agent_id),
available AS (
    SELECT agent_id, sum(extract(epoch FROM least(coalesce(upper(during), %(now)s), %(now)s)
                                 - greatest(lower(during), %(since)s))) AS seconds
    FROM routing_presencespan
    WHERE during && tstzrange(%(since)s, %(now)s) AND status IN ('available', 'focus') GROUP BY agent_id),
known AS (
    SELECT s.agent_id, array_agg(k.slug ORDER BY k.slug) AS skills,
           array_agg(s.level ORDER BY k.slug) AS levels
    FROM routing_agentskill s JOIN routing_skill k ON k.id = s.skill_id GROUP BY s.agent_id),
works AS (
    SELECT m.user_id, array_agg(m.queue_id ORDER BY m.queue_id) AS queues FROM tickets_queuemembership m
    WHERE m.role = 'agent' AND (m.until IS NULL OR m.until > %(now)s) GROUP BY m.user_id),
interrupted AS (
    SELECT DISTINCT agent_id FROM routing_offer
    WHERE state = 'accepted' AND answered_at > %(interrupted)s)
SELECT a.id, a.schedule, a.stays_late, a.languages, a.region, a.clearances, a.chat_limit, a.places,
       a.works_from, p.status, p.takes_calls, p.takes_chats, p.takes_mail,
       p.return_at, p.seen_at, p.since, p.last_contact_at, p.last_live_at, p.elder_credit,
       s.until AS shift_until, n.starts AS next_shift, {ON_LEAVE} AS on_leave,
       {JUST_BACK} AS just_back,
       hands.*, writing.mails AS writing, effort.seconds AS effort, available.seconds AS available,
       known.skills, known.levels, works.queues, interrupted.agent_id IS NOT NULL AS was_interrupted
FROM routing_agent a
JOIN {USERS} u ON u.id = a.user_id
JOIN routing_presence p ON p.agent_id = a.id
LEFT JOIN LATERAL (SELECT upper(during) AS until FROM routing_shift
                   WHERE agent_id = a.id AND during @> %(now)s) s ON TRUE
LEFT JOIN LATERAL (SELECT min(lower(during)) AS starts FROM routing_shift
                   WHERE agent_id = a.id AND lower(during) > %(now)s
                     AND lower(during) < %(now)s + interval '1 hour') n ON TRUE
LEFT JOIN hands ON hands.agent_id = a.id
LEFT JOIN writing ON writing.user_id = a.user_id
LEFT JOIN effort ON effort.agent_id = a.id
LEFT JOIN available ON available.agent_id = a.id
LEFT JOIN known ON known.agent_id = a.id
LEFT JOIN works ON works.user_id = a.user_id
LEFT JOIN interrupted ON interrupted.agent_id = a.id
WHERE a.is_active AND u.is_active
"""


@dataclass(frozen=True)
class Snapshot:
    """What the engine decides on, with the rows that the decisions are written back to."""

    items: list[engine.WorkItem]
    agents: list[Agent]
    policy: engine.Policy
    rows: dict[int, Any]


def take(now: datetime, policy: engine.Policy | None = None) -> Snapshot:
    """Read everything for one tick; moments become seconds since 1970."""
    policy = policy or Policy.in_force()
    found = rows(ITEMS, {"now": now, "limit": MOST_ITEMS})
    if not found:
        return Snapshot([], [], policy, {})
    items = _items(found, now)
    return Snapshot(items, agents(now, policy), policy, {row.id: row for row in found})


def agents(now: datetime, policy: engine.Policy) -> list[Agent]:
    """Read everybody who may be given work, whether there or not."""
    moments = {
        "now": now,
        "since": now - LOOK_BACK,
        "writing": now - WRITING,
        "interrupted": now - 2 * WRITING,
    }
    return [_agent(row, now, policy) for row in rows(AGENTS, moments)]


def _items(found: Sequence[Any], now: datetime) -> list[engine.WorkItem]:
    since = now - EXCLUDED_FOR
    excluded: dict[int, list[Exclusion]] = defaultdict(list)
    for row in rows(EXCLUSIONS, {"items": [row.id for row in found], "since": since}):
        excluded[row.item_id].append(Exclusion(row.agent_id, _seconds(row.at + EXCLUDED_FOR)))
    known = _known([row.customer_id for row in found])
    needs = _needs({row.queue_id for row in found})
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
        known=_with_owner(known, row.owner_id),
        excluded=out,
        hold=Hold(row.hold_agent_id, _seconds(row.hold_until)) if row.hold_agent_id else None,
    )


def _agent(row: Any, now: datetime, policy: engine.Policy) -> Agent:
    lasts = now + FREE_SCHEDULE_LASTS if row.schedule == "free" else row.shift_until
    occupancy = float(row.effort or 0) / max(float(row.available or 0), LEAST_AVAILABLE_SECONDS)
    return Agent(
        id=row.id,
        media=allowed(row.status, calls=row.takes_calls, chats=row.takes_chats, mail=row.takes_mail),
        seen_at=_seconds(row.seen_at) if row.seen_at else 0.0,
        shift_until=_seconds(lasts) if lasts else None,
        on_leave=row.on_leave,
        stays_late=row.stays_late,
        back_at=_back_at(row),
        focus=row.status == "focus",
        queues=frozenset(row.queues or ()),
        skills=tuple(map(Need, row.skills or (), row.levels or ())),
        languages=frozenset(row.languages),
        region=row.region,
        clearances=frozenset(row.clearances) | _place(row),
        calls=row.calls or 0,
        chats=row.chats or 0,
        quiet_chats=row.quiet_chats or 0,
        chat_limit=row.chat_limit,
        active_mails=row.writing or 0,
        mail_interrupted=row.was_interrupted,
        places=_places(row),
        places_held=row.mails or 0,
        offer_open=bool(row.offer_open),
        last_contact_at=_seconds(row.last_contact_at or row.since),
        last_live_at=_seconds(row.last_live_at) if row.last_live_at else None,
        live_ends_at=_live_ends_at(row, policy),
        occupancy=round(min(1.0, occupancy), 4),
        group=",".join(map(str, row.queues or ())),
        elder_credit=row.elder_credit,
    )


def _place(row: Any) -> frozenset[str]:
    """Return the clearance of the place somebody works at."""
    return frozenset((IN_OFFICE,)) if row.works_from == "office" else frozenset()


def _back_at(row: Any) -> float | None:
    """Return when somebody away or not yet on shift is expected, if they said so or the plan does."""
    moment = row.return_at if row.status in ("away", "break") else row.next_shift
    return _seconds(moment) if moment else None


def _places(row: Any) -> int:
    """Return how many open tickets may wait for somebody: half on the first day after a long leave."""
    return math.ceil(row.places / 2) if row.just_back else int(row.places)


def _live_ends_at(row: Any, policy: engine.Policy) -> float:
    if row.live_given_at is None:
        return 0.0
    lasts = policy.voice.handling_seconds if row.calls else policy.chat.handling_seconds
    return _seconds(row.live_given_at) + lasts


def _known(customer_ids: Sequence[int]) -> dict[int, list[Known]]:
    known: dict[int, list[Known]] = defaultdict(list)
    told = Relationship.objects.filter(customer__in=set(customer_ids)).order_by("customer_id", "agent_id")
    for row in told:
        last_at = _seconds(row.last_at) if row.last_at else None
        first_at = _seconds(row.first_at) if row.first_at else None
        keeps = bool(row.role)
        known[row.customer_id].append(Known(row.agent_id, row.times, last_at, keeps, first_at))
    return known


def _with_owner(known: Sequence[Known], owner: int | None) -> tuple[Known, ...]:
    """Return who knows the customer, marking the one whose case it is."""
    if owner is None:
        return tuple(known)
    mine = next((one for one in known if one.agent == owner), Known(owner))
    others = [one for one in known if one.agent != owner]
    return (*others, replace(mine, owns_case=True))


def _needs(queue_ids: set[int]) -> dict[int, tuple[tuple[Need, ...], tuple[Need, ...]]]:
    """Return for each queue the required and the wanted skills."""
    needs: dict[int, tuple[list[Need], list[Need]]] = {queue: ([], []) for queue in queue_ids}
    asked = QueueSkill.objects.filter(queue__in=queue_ids).order_by("skill__slug")
    for queue, slug, must, wish in asked.values_list(
        "queue_id", "skill__slug", "required_level", "wanted_level"
    ):
        if must:
            needs[queue][0].append(Need(slug, must))
        if wish > must:
            needs[queue][1].append(Need(slug, wish))
    return {queue: (tuple(musts), tuple(wishes)) for queue, (musts, wishes) in needs.items()}


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
