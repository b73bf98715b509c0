# ruff: noqa: S608  (every piece put into a statement is a constant of this package)
"""One pass of the router: reconcile, read, decide, write. A lock lets one process at a time do it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import IntegrityError, transaction

from routing.assigning import offers, reclaim, requested, work_items
from routing.continuity import wait_choices
from routing.dispatch import agent_cache, bells, persist, snapshot
from routing.dispatch.agent_cache import Stamp
from routing.engine.deciding import decide
from routing.engine.matching import load_solver
from routing.models import Policy
from routing.models.policy import WRITTEN
from routing.replay import recordings
from tickets.platform.locks import Lock
from tickets.platform.sql import load_row, load_value
from tickets.queries.relations import EVENTS

logger = logging.getLogger(__name__)

RECONCILIATION = 0
LOCK_RECONCILIATION = "SELECT pg_try_advisory_xact_lock(%(lock)s, %(shard)s)"
# Each pass runs the same statements. PostgreSQL caches their plans itself, and renews them when a table has
# grown. Settings that force cached plans or index scans were tried and made no difference.
LOCK_SHARD = f"""
SELECT pg_try_advisory_xact_lock(%(lock)s, %(shard)s) AS is_mine,
       s.changes, s.latest, ({WRITTEN}) AS policy
FROM ({agent_cache.STAMP}) s
"""
OVERLAP = 500  # events with ids up to so much lower may have been committed after the last one read
MOST_NEWS = 5000

WAITING_QUEUES = f"""
SELECT (SELECT array_agg(DISTINCT queue_id) FROM routing_workitem WHERE state = 'waiting') AS queues,
       s.changes, s.latest
FROM ({agent_cache.STAMP}) s
"""
NEWS = f"""
SELECT array_agg(DISTINCT ticket_id) FILTER (
           WHERE ticket_id IS NOT NULL AND kind = ANY(%(kinds)s)
             AND NOT (actor_kind = 'system' AND kind = ANY(%(own)s))) AS tickets,
       max(id) AS latest
FROM (SELECT id, ticket_id, kind, actor_kind FROM {EVENTS} o WHERE id > %(seen)s
      ORDER BY id LIMIT %(limit)s) e
"""
LATEST = f"SELECT coalesce(max(id), 0) FROM {EVENTS} e"


class Turn(NamedTuple):
    """Whether this process has the lock of a shard; the versions of the roster and of the policy."""

    is_mine: bool
    changes: int
    latest: int | None
    policy: str | None


class Waiting(NamedTuple):
    """The queues with waiting items, and the version of the roster."""

    queues: list[int] | None
    changes: int
    latest: int | None


class News(NamedTuple):
    """The tickets with new events, and the id of the last event that was read."""

    tickets: list[int] | None
    latest: int | None


_seen: dict[str, int] = {}


@dataclass(frozen=True)
class Pass:
    """The result of one pass. `is_mine` is False if other processes held every lock."""

    is_mine: bool = True
    tidied: int = 0
    waiting: int = 0
    assigned: int = 0
    offered: int = 0
    engine_seconds: float = 0.0

    def add(self, other: Pass) -> Pass:
        """Return the sum of both results."""
        return Pass(
            is_mine=self.is_mine or other.is_mine,
            tidied=self.tidied + other.tidied,
            waiting=self.waiting + other.waiting,
            assigned=self.assigned + other.assigned,
            offered=self.offered + other.offered,
            engine_seconds=self.engine_seconds + other.engine_seconds,
        )


def run_pass(now: datetime, ticket_ids: Sequence[int] | None = None) -> Pass:
    """Reconcile the rows and run one routing pass; any number of processes may call this at any time.

    `ticket_ids` limits the reconciliation to some tickets, or to none; all waiting items are always routed.
    """
    load_solver()
    with _hold_reconciliation_lock() as is_mine:
        if not is_mine:
            return Pass(is_mine=False)
        tidied = _reconcile(now, ticket_ids)
    return replace(assign_waiting_work(now), tidied=tidied)


def run_pass_on_news(now: datetime) -> Pass:
    """Reconcile the tickets that have new events since the last call, and run one pass."""
    load_solver()
    tickets = _load_news()
    if tickets is None or tickets:
        with _hold_reconciliation_lock() as is_mine:
            if is_mine:
                work_items.reconcile_work_items(now, tickets)
    return assign_waiting_work(now)


def assign_waiting_work(now: datetime) -> Pass:
    """Route all waiting items, shard by shard: mail is assigned, live work offered."""
    load_solver()
    waiting = load_row(Waiting, WAITING_QUEUES)
    done = Pass(is_mine=not waiting.queues)
    if not waiting.queues:
        return done
    known = agent_cache.load_roster(now, Stamp(waiting.changes, waiting.latest))
    for shard in sorted({known.find_group(queue)[0] for queue in waiting.queues}):
        done = done.add(_route_shard(shard, now))
    return done


def _reconcile(now: datetime, ticket_ids: Sequence[int] | None) -> int:
    """Reconcile work items, expire offers, return the work of absent agents; return how many rows changed."""
    changed = (
        0 if ticket_ids is not None and not ticket_ids else work_items.reconcile_work_items(now, ticket_ids)
    )
    changed += offers.expire_offers(now)
    changed += reclaim.return_work_of_absent_agents(now, target_seconds=Policy.in_force().mail.target_seconds)
    return changed + requested.assign_requested_agents(now) + wait_choices.ask_customers(now)


def _load_news() -> list[int] | None:
    """Return the tickets with new events; None (meaning all) on the first call."""
    seen = _seen.get("event")
    if seen is None:
        _seen["event"] = load_value(int, LATEST)
        return None
    parameters = {"kinds": [*bells.KINDS, "queue.entered"], "own": list(bells.OWN)}
    news = load_row(News, NEWS, {**parameters, "seen": seen - OVERLAP, "limit": MOST_NEWS})
    _seen["event"] = max(seen, news.latest or 0)
    return news.tickets or []


def _route_shard(shard: int, now: datetime) -> Pass:
    try:
        with transaction.atomic():
            turn = load_row(Turn, LOCK_SHARD, {"lock": Lock.ROUTING.value, "shard": shard})
            return _decide_and_write(shard, now, turn) if turn.is_mine else Pass(is_mine=False)
    except IntegrityError:
        # A process without this lock wrote first, and the rows' guards refused ours: retry next pass.
        logger.warning("routing pass rolled back", exc_info=True)
        return Pass()


def _decide_and_write(shard: int, now: datetime, turn: Turn) -> Pass:
    policy, stamp = Policy.remembered(turn.policy), Stamp(turn.changes, turn.latest)
    picture = snapshot.take_snapshot(now, policy, shard=shard, stamp=stamp)
    started = time.perf_counter()
    decisions = decide(picture.items, picture.team, picture.policy, now.timestamp())
    engine_seconds = time.perf_counter() - started
    assigned = persist.assign_many(decisions, picture, now=now)
    offered = persist.offer_many(decisions, picture, now=now)
    persist.note_waiting(decisions, picture)
    if assigned or offered:
        transaction.on_commit(partial(recordings.keep_recording, picture, now), robust=True)
    return Pass(waiting=len(picture.items), assigned=assigned, offered=offered, engine_seconds=engine_seconds)


@contextmanager
def _hold_reconciliation_lock() -> Iterator[bool]:
    """Hold the reconciliation lock for one transaction; yield False if another process holds it."""
    with transaction.atomic():
        yield load_value(bool, LOCK_RECONCILIATION, {"lock": Lock.ROUTING.value, "shard": RECONCILIATION})
