# ruff: noqa: S608  (every piece put into a statement is a constant of this package)
"""Load the waiting items and the agents as the engine's values, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from routing import engine
from routing.dispatch import agent_cache, agent_load, continuity_input
from routing.dispatch.agent_cache import IN_OFFICE, AgentGroup, Stamp
from routing.dispatch.agent_load import AVAILABLE, AWAY, FOCUS
from routing.engine import Exclusion, Hold, Known, Need
from routing.engine.team import Team
from routing.models import Policy, QueueRules, WorkItem
from routing.models.workitem import MEDIUM
from tickets.platform.sql import load_rows
from tickets.queries.relations import CALLBACKS, QUEUES, SLA_POLICIES, TICKETS

MOST_ITEMS = 500
EXCLUDED_FOR = timedelta(minutes=10)
WEIGHTS = {0: 0.5, 1: 1.0, 2: 2.0, 3: 4.0}  # by a ticket's priority

# The most urgent items of each kind (queue, kind, language) come first, so that many items which nobody can
# take now do not displace those that somebody can.
ITEMS = f"""
WITH ranked AS (
    SELECT w.id, w.eligible_at, t.customer_id, t.language, t.priority, t.first_response_at,
           row_number() OVER (PARTITION BY w.queue_id, w.kind, t.language
                              ORDER BY t.priority DESC, w.eligible_at, w.id) AS place
    FROM routing_workitem w JOIN {TICKETS} t ON t.id = w.ticket_id
    WHERE w.state = 'waiting' AND (%(queues)s::bigint[] IS NULL OR w.queue_id = ANY(%(queues)s))
    ORDER BY place, w.eligible_at, w.id LIMIT {MOST_ITEMS})
SELECT w.id, w.kind, w.queue_id, w.eligible_at, w.owner_id, w.hold_agent_id, w.hold_until, w.waiting_why,
       t.customer_id, t.language, t.priority,
       r.weight AS queue_weight, coalesce(r.language, 'wanted') AS language_rule, r.region, r.clearances,
       coalesce(r.office_only, FALSE) AS office_only,
       60 * CASE WHEN t.first_response_at IS NULL THEN g.first_response_minutes
                 ELSE g.next_response_minutes END AS sla_seconds,
       extract(epoch FROM b.until_at - b.from_at) AS window_seconds,
       CASE WHEN w.kind IN ('chat', 'callback') OR q.calendar_id IS NULL THEN 0
            ELSE extract(epoch FROM %(now)s - w.eligible_at)
               - tickets_open_seconds(q.calendar_id, w.eligible_at, %(now)s) END AS closed_seconds
FROM ranked t
JOIN routing_workitem w ON w.id = t.id
JOIN {QUEUES} q ON q.id = w.queue_id
LEFT JOIN routing_queuerules r ON r.queue_id = w.queue_id
LEFT JOIN {SLA_POLICIES} g ON g.queue_id = w.queue_id AND g.priority = t.priority
LEFT JOIN {CALLBACKS} b ON b.id = w.callback_id
"""

EXCLUSIONS = """
SELECT item_id, agent_id, answered_at AS at FROM routing_offer
WHERE item_id = ANY(%(items)s) AND state IN ('declined', 'expired') AND answered_at > %(since)s
UNION ALL
SELECT item_id, agent_id, at FROM routing_decision
WHERE item_id = ANY(%(items)s) AND how = 'released' AND at > %(since)s AND agent_id IS NOT NULL
"""


class WaitingItem(NamedTuple):
    """A waiting work item, with the rules of its ticket and its queue."""

    id: int
    kind: str
    queue_id: int
    eligible_at: datetime
    owner_id: int | None
    hold_agent_id: int | None
    hold_until: datetime | None
    waiting_why: str  # JSON, read by whoever compares it
    customer_id: int
    language: str
    priority: int
    queue_weight: float | None
    language_rule: str
    region: str | None
    clearances: list[str] | None
    office_only: bool
    sla_seconds: int | None
    window_seconds: Decimal | None
    closed_seconds: float


class Refusal(NamedTuple):
    """An item that somebody declined, let pass or gave back a short while ago."""

    item_id: int
    agent_id: int
    at: datetime


@dataclass(frozen=True)
class Snapshot:
    """What the engine decides on, with the rows that the decisions are written back to."""

    items: list[engine.WorkItem]
    team: Team
    policy: engine.Policy
    rows: dict[int, WaitingItem]
    shard: int = 0


def take_snapshot(
    now: datetime,
    policy: engine.Policy | None = None,
    *,
    shard: int | None = None,
    stamp: Stamp | None = None,
) -> Snapshot:
    """Read all input of one pass for a shard, or for all shards together; times become seconds since 1970.

    Pass `stamp` (a row of agent_cache.STAMP) if the caller has already read it.
    """
    policy = policy or Policy.in_force()
    known = agent_cache.load_roster(now, stamp)
    agents = known.whole() if shard is None else known.find_group(shard)[1]
    queues = None if shard is None else sorted(agents.queues)
    rows = load_rows(WaitingItem, ITEMS, {"now": now, "queues": queues})
    if not rows:
        return Snapshot([], Team.of(()), policy, {}, shard or 0)
    items = _items(rows, now, known.needs)
    return Snapshot(items, load_team(agents, now, policy), policy, {row.id: row for row in rows}, shard or 0)


def load_team(agents: AgentGroup, now: datetime, policy: engine.Policy) -> Team:
    """Load a shard's agents as columns (one array for each property), with their current workload."""
    held = agent_load.load_agent_load(agents.ids, now)
    live = held.live_given_at > 0
    there = (held.status == AVAILABLE) | (held.status == FOCUS)
    lasts = np.where(held.calls > 0, policy.voice.handling_seconds, policy.chat.handling_seconds)
    return Team(
        ids=agents.ids,
        seen_at=held.seen_at,
        shift_until=agents.shift_until,
        back_at=np.where(held.status == AWAY, held.return_at, agents.next_shift),
        on_leave=agents.on_leave,
        stays_late=agents.stays_late,
        focus=held.status == FOCUS,
        voice=(held.status == AVAILABLE) & held.takes_calls,
        chat=(held.status == AVAILABLE) & held.takes_chats,
        mail=there & held.takes_mail,
        calls=held.calls,
        chats=held.chats,
        quiet_chats=held.quiet_chats,
        chat_limit=agents.chat_limit,
        active_mails=held.writing,
        mail_interrupted=held.interrupted,
        places=agents.places,
        places_held=held.mails,
        offer_open=held.offer_open,
        last_contact_at=held.last_contact_at,
        last_live_at=held.last_live_at,
        live_ends_at=np.where(live, held.live_given_at + lasts, 0.0),
        occupancy=agents.load_occupancy(now),
        group=agents.group,
        elder_credit=held.credit,
        regions=agents.regions,
        levels=agents.levels,
        speakers=agents.speakers,
        members=agents.members,
        cleared=agents.cleared,
        settling=held.settling,
        lasting=agents.lasting,
    )


def _items(
    rows: Sequence[WaitingItem], now: datetime, queue_needs: dict[int, list[tuple[str, int, int]]]
) -> list[engine.WorkItem]:
    since = now - EXCLUDED_FOR
    excluded: dict[int, list[Exclusion]] = defaultdict(list)
    for out in load_rows(Refusal, EXCLUSIONS, {"items": [row.id for row in rows], "since": since}):
        excluded[out.item_id].append(Exclusion(out.agent_id, _seconds(out.at + EXCLUDED_FOR)))
    known = continuity_input.load_known_agents([row.customer_id for row in rows])
    needs = {queue: _needs(queue_needs.get(queue, ())) for queue in {row.queue_id for row in rows}}
    return [
        _item(row, needs[row.queue_id], known[row.customer_id], tuple(sorted(excluded[row.id], key=repr)))
        for row in rows
    ]


def _item(
    row: WaitingItem,
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
        known=continuity_input.mark_owner(known, row.owner_id),
        excluded=out,
        hold=Hold(row.hold_agent_id, _seconds(row.hold_until))
        if row.hold_agent_id and row.hold_until
        else None,
    )


def _needs(levels: Sequence[tuple[str, int, int]]) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    """Return a queue's required and wanted skills."""
    musts = tuple(Need(slug, must) for slug, must, _ in levels if must)
    return musts, tuple(Need(slug, wish) for slug, must, wish in levels if wish > must)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
