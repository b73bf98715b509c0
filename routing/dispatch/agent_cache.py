# ruff: noqa: S608  (every piece put into a statement is a constant of this package)
"""Load agents' skills, queues, shifts and limits, which change rarely; each routing process caches them.

The cache is valid while no trigger has recorded a change, no shift or leave begins or ends, and no
membership expires. Each pass checks this in its own transaction, so it never works with old data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from routing.engine.team import NEVER, Bools, Floats, Ints, bools, build_levels, floats, holders, ints
from routing.queries.conditions import ON_LEAVE
from tickets.platform.sql import format_array, load_row, load_rows
from tickets.queries.relations import ACCOUNTS, LIVE_MEMBERSHIPS

LOOK_BACK = timedelta(hours=2)
LEAST_AVAILABLE_SECONDS = 3600  # the occupancy of an agent who has just started is not overestimated
FREE_SCHEDULE_LASTS = timedelta(hours=12)
MAX_CACHE_AGE = timedelta(minutes=5)
IN_OFFICE = "in the office"  # the clearance of agents who work there, for work that may not leave the office
MANY = 500  # for groups of this size, occupancy is loaded every COUNTED_EVERY, not in each pass
COUNTED_EVERY = timedelta(seconds=20)

STAMP = "SELECT count(*) AS changes, max(id) AS latest FROM routing_rosterchange"

# The agent returned within the last day from a leave of three days or more, and gets less work at first.
JUST_BACK = """(SELECT max(upper(l.during)) + interval '1 day' FROM routing_leave l WHERE l.agent_id = a.id
    AND upper(l.during) - lower(l.during) >= interval '3 days'
    AND upper(l.during) <= %(now)s AND upper(l.during) > %(now)s - interval '1 day')"""

PEOPLE = f"""
WITH known AS (
    SELECT s.agent_id, array_agg(k.slug ORDER BY k.slug) AS skills,
           array_agg(s.level ORDER BY k.slug) AS levels
    FROM routing_agentskill s JOIN routing_skill k ON k.id = s.skill_id GROUP BY s.agent_id),
works AS (
    SELECT m.user_id, array_agg(m.queue_id ORDER BY m.queue_id) AS queues, min(m.until) AS until
    FROM {LIVE_MEMBERSHIPS} m WHERE m.role = 'agent' GROUP BY m.user_id)
SELECT a.id, a.schedule, a.stays_late, a.languages, a.region, a.clearances, a.chat_limit, a.places,
       a.works_from, s.until AS shift_until, n.starts AS next_shift, {ON_LEAVE} AS on_leave,
       b.until AS eased_until,
       known.skills, known.levels, works.queues,
       least(s.until, n.starts, works.until, b.until,
             (SELECT min(upper(l.during)) FROM routing_leave l
              WHERE l.agent_id = a.id AND l.during @> %(now)s),
             (SELECT min(lower(l.during)) FROM routing_leave l
              WHERE l.agent_id = a.id AND lower(l.during) > %(now)s)) AS stable_until
FROM routing_agent a
JOIN {ACCOUNTS} u ON u.id = a.user_id
LEFT JOIN LATERAL (SELECT upper(during) AS until FROM routing_shift
                   WHERE agent_id = a.id AND during @> %(now)s) s ON TRUE
LEFT JOIN LATERAL (SELECT min(lower(during)) AS starts FROM routing_shift
                   WHERE agent_id = a.id AND during && tstzrange(%(now)s, %(now)s + interval '1 hour')
                     AND lower(during) > %(now)s) n ON TRUE
LEFT JOIN LATERAL (SELECT {JUST_BACK} AS until) b ON TRUE
LEFT JOIN known ON known.agent_id = a.id
LEFT JOIN works ON works.user_id = a.user_id
WHERE a.is_active AND u.is_active
ORDER BY a.id
"""

NEEDS = """
SELECT s.queue_id, k.slug, s.required_level, s.wanted_level
FROM routing_queueskill s JOIN routing_skill k ON k.id = s.skill_id ORDER BY s.queue_id, k.slug
"""

OCCUPANCY = """
WITH effort AS (
    SELECT agent_id, sum(effort_seconds) AS seconds FROM routing_decision
    WHERE at > %(since)s AND effort_seconds > 0 AND agent_id = ANY(%(agents)s::bigint[]) GROUP BY agent_id),
available AS (
    SELECT agent_id, sum(extract(epoch FROM least(coalesce(upper(during), %(now)s), %(now)s)
                                 - greatest(lower(during), %(since)s))) AS seconds
    FROM routing_presencespan
    WHERE during && tstzrange(%(since)s, %(now)s) AND status IN ('available', 'focus')
      AND agent_id = ANY(%(agents)s::bigint[]) GROUP BY agent_id)
SELECT agent_id, effort.seconds / greatest(coalesce(available.seconds, 0), %(least)s) AS share
FROM effort LEFT JOIN available USING (agent_id)
"""


class Stamp(NamedTuple):
    """The version of the roster: the number of recorded changes and the id of the last one."""

    changes: int
    latest: int | None


class Person(NamedTuple):
    """An agent's properties that change rarely; valid until `stable_until`, unless somebody edits them."""

    id: int
    schedule: str
    stays_late: bool
    languages: list[str]
    region: str
    clearances: list[str]
    chat_limit: int
    places: int
    works_from: str
    shift_until: datetime | None
    next_shift: datetime | None
    on_leave: bool
    eased_until: datetime | None
    skills: list[str] | None
    levels: list[int] | None
    queues: list[int] | None
    stable_until: datetime | None


class SkillNeed(NamedTuple):
    """A skill that a queue requires, and the level that it prefers."""

    queue_id: int
    slug: str
    required_level: int
    wanted_level: int


class Occupancy(NamedTuple):
    """The share of an agent's available time of the last hours for which they were assigned work."""

    agent_id: int
    share: Decimal


@dataclass
class AgentGroup:
    """The agents of one shard (they share queues, directly or through others) as arrays in order of `ids`."""

    queues: frozenset[int]
    ids: Ints
    shift_until: Floats
    next_shift: Floats
    on_leave: Bools
    stays_late: Bools
    chat_limit: Ints
    places: Ints
    group: Ints
    regions: list[str]
    levels: dict[str, Ints]
    speakers: dict[str, Bools]
    members: dict[int, Bools]
    cleared: dict[str, Bools]
    lasting: dict[Any, Any] = field(default_factory=dict)
    occupancy: Floats = field(default_factory=lambda: np.zeros(0))
    counted_at: datetime | None = None

    def load_occupancy(self, now: datetime) -> Floats:
        """Return each agent's occupancy: work assigned in the last two hours, divided by available time."""
        last = self.counted_at
        if last is None or len(self.ids) < MANY or not last <= now < last + COUNTED_EVERY:
            parameters = {"now": now, "since": now - LOOK_BACK, "least": LEAST_AVAILABLE_SECONDS}
            shares = np.zeros(len(self.ids))
            for row in load_rows(
                Occupancy, OCCUPANCY, parameters | {"agents": format_array(self.ids.tolist())}
            ):
                shares[np.searchsorted(self.ids, row.agent_id)] = round(min(1.0, float(row.share)), 4)
            self.occupancy, self.counted_at = shares, now
        return self.occupancy


@dataclass
class Roster:
    """All groups of agents, valid until `stable_until`. `needs`: skills by queue (slug, required, wanted)."""

    stamp: Stamp
    read_at: datetime
    stable_until: datetime
    people: list[Person]
    agent_groups: dict[int, AgentGroup]
    needs: dict[int, list[tuple[str, int, int]]]

    def holds(self, stamp: Stamp, now: datetime) -> bool:
        """Tell whether the roster is still valid."""
        return stamp == self.stamp and self.read_at <= now < self.stable_until

    def whole(self) -> AgentGroup:
        """Return all agents as one group."""
        queues = frozenset[int]().union(*(group.queues for group in self.agent_groups.values()))
        return _build_group([row for row in self.people if row.queues], queues, self.read_at)

    def find_group(self, queue: int) -> tuple[int, AgentGroup]:
        """Return a queue's shard and agents; an empty group with its own shard if nobody works there."""
        for shard, group in self.agent_groups.items():
            if queue in group.queues:
                return shard, group
        return queue, _build_group([], frozenset({queue}), self.read_at)


_cached: dict[str, Roster] = {}


def load_roster(now: datetime, stamp: Stamp | None = None) -> Roster:
    """Return the roster as this transaction sees it, from the cache if that is still valid.

    Pass `stamp` (a row of STAMP) if the caller has already read it.
    """
    stamp = stamp or load_row(Stamp, STAMP)
    known = _cached.get("roster")
    if known is None or not known.holds(stamp, now):
        known = _cached["roster"] = _read(stamp, now)
    return known


def _read(stamp: Stamp, now: datetime) -> Roster:
    people = load_rows(Person, PEOPLE, {"now": now})
    until = min((row.stable_until for row in people if row.stable_until), default=now + MAX_CACHE_AGE)
    needs: dict[int, list[tuple[str, int, int]]] = {}
    for need in load_rows(SkillNeed, NEEDS):
        needs.setdefault(need.queue_id, []).append((need.slug, need.required_level, need.wanted_level))
    agent_groups = {
        min(queues): _build_group(
            [row for row in people if not queues.isdisjoint(row.queues or ())], queues, now
        )
        for queues in find_connected_queues(row.queues or () for row in people)
    }
    return Roster(stamp, now, min(until, now + MAX_CACHE_AGE), people, agent_groups, needs)


def find_connected_queues(groups: Iterable[Sequence[int]]) -> list[frozenset[int]]:
    """Return sets of queues connected by shared agents."""
    parent: dict[int, int] = {}

    def root(queue: int) -> int:
        while parent.setdefault(queue, queue) != queue:
            parent[queue] = parent[parent[queue]]
            queue = parent[queue]
        return queue

    for queues in {tuple(group) for group in groups if group}:
        for queue in queues:
            parent[root(queue)] = root(queues[0])
    sets: dict[int, set[int]] = {}
    for queue in parent:
        sets.setdefault(root(queue), set()).add(queue)
    return [frozenset(queues) for _, queues in sorted(sets.items())]


def _build_group(people: Sequence[Person], queues: frozenset[int], now: datetime) -> AgentGroup:
    groups = {key: number for number, key in enumerate(sorted({tuple(row.queues or ()) for row in people}))}
    return AgentGroup(
        queues=queues,
        ids=ints(row.id for row in people),
        shift_until=floats(_shift_until(row, now) for row in people),
        next_shift=floats(row.next_shift.timestamp() if row.next_shift else math.inf for row in people),
        on_leave=bools(row.on_leave for row in people),
        stays_late=bools(row.stays_late for row in people),
        chat_limit=ints(row.chat_limit for row in people),
        places=ints(_places(row) for row in people),
        group=ints(groups[tuple(row.queues or ())] for row in people),
        regions=[row.region for row in people],
        levels=build_levels([dict(zip(row.skills or (), row.levels or (), strict=True)) for row in people]),
        speakers=holders([row.languages for row in people]),
        members=holders([row.queues or () for row in people]),
        cleared=holders([(*row.clearances, *_place(row)) for row in people]),
    )


def _places(row: Person) -> int:
    """Return an agent's capacity for open tickets: half of it on the first day after a long leave."""
    return math.ceil(row.places / 2) if row.eased_until else int(row.places)


def _place(row: Person) -> tuple[str, ...]:
    """Return the clearance that an agent has by their place of work."""
    return (IN_OFFICE,) if row.works_from == "office" else ()


def _shift_until(row: Person, now: datetime) -> float:
    if row.schedule == "free":
        return (now + FREE_SCHEDULE_LASTS).timestamp()
    return row.shift_until.timestamp() if row.shift_until else NEVER
