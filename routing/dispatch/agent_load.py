"""Load each agent's current status, heartbeat and workload as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from routing.engine.team import Bools, Floats, Ints
from routing.queries.conditions import QUIET_AFTER
from tickets.platform.sql import format_array, load_row
from tickets.queries.relations import DRAFTS, TICKETS

WRITING = timedelta(minutes=2)
BROKEN_INTO = timedelta(minutes=4)
SETTLING, APART = timedelta(minutes=10), timedelta(minutes=2)  # after signing on, one mail at a time

OFFLINE, AVAILABLE, FOCUS, AWAY = range(4)
CALLS, CHATS, MAIL, NEW = 4, 8, 16, 32  # beside the status in `marks`; the credit begins at CREDIT
CREDIT = 64

# One row whose columns are arrays; moments in seconds since 1970. Values that few agents have are listed for
# those agents alone.
LOAD = f"""
WITH present AS (
    SELECT array_agg(p.agent_id) AS agents,
           array_agg(date_part('epoch', coalesce(p.seen_at, 'epoch'))) AS seen_at,
           array_agg(date_part('epoch', coalesce(p.last_contact_at, p.since))) AS last_contact_at,
           array_agg(date_part('epoch', coalesce(p.last_live_at, '-infinity'))) AS last_live_at,
           array_agg(date_part('epoch', coalesce(p.return_at, 'infinity'))) AS return_at,
           array_agg(
               CASE p.status WHEN 'available' THEN 1 WHEN 'focus' THEN 2 WHEN 'away' THEN 3
                   WHEN 'break' THEN 3 ELSE 0 END
               + CASE WHEN p.takes_calls THEN 4 ELSE 0 END + CASE WHEN p.takes_chats THEN 8 ELSE 0 END
               + CASE WHEN p.takes_mail THEN 16 ELSE 0 END
               + CASE WHEN p.signed_on_at > %(settling)s THEN 32 ELSE 0 END + 64 * p.elder_credit) AS marks
    FROM routing_presence p WHERE p.agent_id = ANY(%(agents)s::bigint[])),
holding AS (
    SELECT w.agent_id,
        count(*) FILTER (WHERE w.kind NOT IN ('chat', 'callback') AND w.state = 'taken') AS mails,
        count(*) FILTER (WHERE w.kind = 'callback' AND w.state = 'taken') AS calls,
        count(*) FILTER (WHERE w.kind = 'chat' AND w.state = 'taken' AND NOT q.is_quiet) AS chats,
        count(*) FILTER (WHERE w.kind = 'chat' AND w.state = 'taken' AND q.is_quiet) AS quiet_chats,
        count(*) FILTER (WHERE w.state = 'offered') AS offers,
        count(*) FILTER (WHERE w.kind NOT IN ('chat', 'callback') AND w.state = 'taken'
                         AND w.given_at > %(apart)s) AS new_mails,
        max(w.given_at) FILTER (WHERE w.kind IN ('chat', 'callback') AND w.state = 'taken') AS live_given_at
    FROM routing_workitem w LEFT JOIN {TICKETS} t ON w.kind = 'chat' AND t.id = w.ticket_id
    CROSS JOIN LATERAL (
        SELECT coalesce(t.last_customer_at, w.given_at) < %(quiet)s AS is_quiet) q
    WHERE w.state IN ('offered', 'taken') AND w.agent_id = ANY(%(agents)s::bigint[]) GROUP BY w.agent_id),
held AS (
    SELECT array_agg(agent_id) AS holders, array_agg(mails) AS mails, array_agg(calls) AS calls,
           array_agg(chats) AS chats, array_agg(quiet_chats) AS quiet_chats, array_agg(offers) AS offers,
           array_agg(new_mails) AS new_mails,
           array_agg(date_part('epoch', coalesce(live_given_at, 'epoch'))) AS live_given_at
    FROM holding),
writing AS (
    SELECT array_agg(d.agent_id) AS writers, array_agg(d.mails) AS writing
    FROM (SELECT a.id AS agent_id, count(DISTINCT d.ticket_id) AS mails
          FROM {DRAFTS} d JOIN routing_agent a ON a.user_id = d.user_id
          WHERE d.updated_at > %(writing)s GROUP BY a.id) d),
broken_into AS (
    SELECT array_agg(DISTINCT agent_id) AS interrupted FROM routing_offer
    WHERE state = 'accepted' AND answered_at > %(broken_into)s)
SELECT * FROM present, held, writing, broken_into
"""  # noqa: S608  (the pieces are constants)


class LoadColumns(NamedTuple):
    """The row of LOAD: arrays of agents with a presence, with work (`holders`), with a draft (`writers`)."""

    agents: list[int] | None
    seen_at: list[float] | None
    last_contact_at: list[float] | None
    last_live_at: list[float] | None
    return_at: list[float] | None
    marks: list[int] | None
    holders: list[int] | None
    mails: list[int] | None
    calls: list[int] | None
    chats: list[int] | None
    quiet_chats: list[int] | None
    offers: list[int] | None
    new_mails: list[int] | None
    live_given_at: list[float] | None
    writers: list[int] | None
    writing: list[int] | None
    interrupted: list[int] | None


@dataclass(frozen=True)
class AgentLoad:
    """The workload of agents: one array for each property, in the order of ids. Moments: epoch seconds."""

    status: Ints
    seen_at: Floats
    last_contact_at: Floats
    last_live_at: Floats
    return_at: Floats
    live_given_at: Floats
    credit: Ints
    mails: Ints
    calls: Ints
    chats: Ints
    quiet_chats: Ints
    writing: Ints
    offer_open: Bools
    interrupted: Bools
    takes_calls: Bools
    takes_chats: Bools
    takes_mail: Bools
    settling: Bools


def load_agent_load(ids: Ints, now: datetime) -> AgentLoad:
    """Load the workload of agents, whose `ids` must ascend. An agent without a presence row is offline."""
    columns = load_row(LoadColumns, LOAD, _build_parameters(ids, now), as_binary=True)
    present = _Columns(ids, columns.agents)
    held = _Columns(ids, columns.holders)
    writing = _Columns(ids, columns.writers)
    interrupted = _Columns(ids, columns.interrupted)
    marks = present.integers(columns.marks)
    return AgentLoad(
        status=marks & 3,
        seen_at=present.moments(columns.seen_at, 0.0),
        last_contact_at=present.moments(columns.last_contact_at, 0.0),
        last_live_at=present.moments(columns.last_live_at, -np.inf),
        return_at=present.moments(columns.return_at, np.inf),
        live_given_at=held.moments(columns.live_given_at, 0.0),
        credit=marks // CREDIT,
        mails=held.integers(columns.mails),
        calls=held.integers(columns.calls),
        chats=held.integers(columns.chats),
        quiet_chats=held.integers(columns.quiet_chats),
        writing=writing.integers(columns.writing),
        offer_open=held.integers(columns.offers) > 0,
        interrupted=interrupted.members(),
        takes_calls=marks & CALLS > 0,
        takes_chats=marks & CHATS > 0,
        takes_mail=marks & MAIL > 0,
        settling=(marks & NEW > 0) & (held.integers(columns.new_mails) > 0),
    )


class _Columns:
    """Expand arrays that were read for some agents to arrays for all agents in `ids`."""

    def __init__(self, ids: Ints, people: Sequence[int] | None) -> None:
        agent_ids = np.array(people or (), dtype=np.int64)
        place = np.searchsorted(ids, agent_ids)
        place[place == len(ids)] = 0
        self.known = ids[place] == agent_ids if len(ids) else np.zeros(len(agent_ids), dtype=np.bool_)
        self.place, self.count = place[self.known], len(ids)

    def integers(self, values: Sequence[int] | None) -> Ints:
        """Return an array of integers for all agents; 0 where nothing was read."""
        column = np.zeros(self.count, dtype=np.int64)
        column[self.place] = np.array(values or (), dtype=np.int64)[self.known]
        return column

    def moments(self, values: Sequence[float] | None, default: float) -> Floats:
        """Return an array of moments (epoch seconds) for all agents; `default` where nothing was read."""
        column = np.full(self.count, default)
        column[self.place] = np.array(values or (), dtype=np.float64)[self.known]
        return column

    def members(self) -> Bools:
        """Return an array that is True for the agents that were read."""
        column = np.zeros(self.count, dtype=np.bool_)
        column[self.place] = True
        return column


def _build_parameters(ids: Ints, now: datetime) -> dict[str, Any]:
    return {
        "quiet": now - QUIET_AFTER,
        "writing": now - WRITING,
        "settling": now - SETTLING,
        "apart": now - APART,
        "broken_into": now - BROKEN_INTO,
        "agents": format_array(ids.tolist()),
    }
