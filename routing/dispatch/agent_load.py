"""What changes all the time about people: status, heartbeat, what each one holds; read as columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from psycopg.pq import Format

from routing.engine.team import Bools, Floats, Ints
from routing.queries.sql import numbers

WRITING = timedelta(minutes=2)
BROKEN_INTO = timedelta(minutes=4)
SETTLING, APART = timedelta(minutes=10), timedelta(minutes=2)  # after signing on mails come one by one

OFFLINE, AVAILABLE, FOCUS, AWAY = range(4)
CALLS, CHATS, MAIL, NEW = 4, 8, 16, 32  # beside the status in `marks`; the credit begins at CREDIT
CREDIT = 64

# One row of columns, each as PostgreSQL's binary array. What few people have is told of those only.
HANDS = """
WITH present AS (
    SELECT array_send(array_agg(p.agent_id)) AS agents,
           array_send(array_agg(coalesce(p.seen_at, 'epoch'))) AS seen_at,
           array_send(array_agg(coalesce(p.last_contact_at, p.since))) AS last_contact_at,
           array_send(array_agg(coalesce(p.last_live_at, '-infinity'))) AS last_live_at,
           array_send(array_agg(coalesce(p.return_at, 'infinity'))) AS return_at,
           array_send(array_agg(
               CASE p.status WHEN 'available' THEN 1 WHEN 'focus' THEN 2 WHEN 'away' THEN 3
                   WHEN 'break' THEN 3 ELSE 0 END
               + CASE WHEN p.takes_calls THEN 4 ELSE 0 END + CASE WHEN p.takes_chats THEN 8 ELSE 0 END
               + CASE WHEN p.takes_mail THEN 16 ELSE 0 END
               + CASE WHEN p.signed_on_at > %(settling)s THEN 32 ELSE 0 END + 64 * p.elder_credit)) AS marks
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
    FROM routing_workitem w LEFT JOIN tickets_ticket t ON w.kind = 'chat' AND t.id = w.ticket_id
    CROSS JOIN LATERAL (
        SELECT coalesce(t.last_customer_at, w.given_at) < %(now)s - interval '5 minutes' AS is_quiet) q
    WHERE w.state IN ('offered', 'taken') AND w.agent_id = ANY(%(agents)s::bigint[]) GROUP BY w.agent_id),
held AS (
    SELECT array_send(array_agg(agent_id)) AS holders, array_send(array_agg(mails)) AS mails,
           array_send(array_agg(calls)) AS calls, array_send(array_agg(chats)) AS chats,
           array_send(array_agg(quiet_chats)) AS quiet_chats, array_send(array_agg(offers)) AS offers,
           array_send(array_agg(new_mails)) AS new_mails,
           array_send(array_agg(coalesce(live_given_at, 'epoch'))) AS live_given_at
    FROM holding),
writing AS (
    SELECT array_send(array_agg(d.agent_id)) AS writers, array_send(array_agg(d.mails)) AS writing
    FROM (SELECT a.id AS agent_id, count(DISTINCT d.ticket_id) AS mails
          FROM tickets_draft d JOIN routing_agent a ON a.user_id = d.user_id
          WHERE d.updated_at > %(writing)s AND d.text <> '' GROUP BY a.id) d),
broken_into AS (
    SELECT array_send(array_agg(DISTINCT agent_id)) AS interrupted FROM routing_offer
    WHERE state = 'accepted' AND answered_at > %(broken_into)s)
SELECT * FROM present, held, writing, broken_into
"""

ARRAY_HEADER = 20  # bytes: dimensions, nulls, type, length, first index
MICROSECONDS = 1_000_000
SINCE_1970 = 946_684_800 * MICROSECONDS  # where PostgreSQL's count of microseconds begins
NOWHERE = np.iinfo(np.int64)  # its infinities


@dataclass(frozen=True)
class AgentLoad:
    """Columns in the order of the ids asked about; moments in seconds since 1970."""

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
    """Return what these people (ids rise) have in hand; who has no presence yet is offline."""
    told = _read(ids, now)
    present = _Columns(ids, _whole(told["agents"]))
    held = _Columns(ids, _whole(told["holders"]))
    writing = _Columns(ids, _whole(told["writers"]))
    interrupted = _Columns(ids, _whole(told["interrupted"]))
    marks = present.whole(told["marks"], ">i4")
    return AgentLoad(
        status=marks & 3,
        seen_at=present.moments(told["seen_at"], 0.0),
        last_contact_at=present.moments(told["last_contact_at"], 0.0),
        last_live_at=present.moments(told["last_live_at"], -np.inf),
        return_at=present.moments(told["return_at"], np.inf),
        live_given_at=held.moments(told["live_given_at"], 0.0),
        credit=marks // CREDIT,
        mails=held.whole(told["mails"]),
        calls=held.whole(told["calls"]),
        chats=held.whole(told["chats"]),
        quiet_chats=held.whole(told["quiet_chats"]),
        writing=writing.whole(told["writing"]),
        offer_open=held.whole(told["offers"]) > 0,
        interrupted=interrupted.marked(),
        takes_calls=marks & CALLS > 0,
        takes_chats=marks & CHATS > 0,
        takes_mail=marks & MAIL > 0,
        settling=(marks & NEW > 0) & (held.whole(told["new_mails"]) > 0),
    )


class _Columns:
    """Columns told of some people, laid out for all of them."""

    def __init__(self, ids: Ints, people: Ints) -> None:
        place = np.searchsorted(ids, people)
        place[place == len(ids)] = 0
        self.known = ids[place] == people if len(ids) else np.zeros(len(people), dtype=np.bool_)
        self.place, self.count = place[self.known], len(ids)

    def whole(self, sent: bytes | None, kind: str = ">i8") -> Ints:
        """Return whole numbers; 0 for who is not told of."""
        column = np.zeros(self.count, dtype=np.int64)
        column[self.place] = _whole(sent, kind)[self.known]
        return column

    def moments(self, sent: bytes | None, otherwise: float) -> Floats:
        """Return moments as the nearest fraction of seconds, as Python's own timestamps are."""
        ticks = _whole(sent)[self.known]
        seconds = (ticks + SINCE_1970) / MICROSECONDS
        seconds[ticks == NOWHERE.max] = np.inf
        seconds[ticks == NOWHERE.min] = -np.inf
        column = np.full(self.count, otherwise)
        column[self.place] = seconds
        return column

    def marked(self) -> Bools:
        """Return who is told of."""
        column = np.zeros(self.count, dtype=np.bool_)
        column[self.place] = True
        return column


def _read(ids: Ints, now: datetime) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "now": now,
        "writing": now - WRITING,
        "settling": now - SETTLING,
        "apart": now - APART,
        "broken_into": now - BROKEN_INTO,
        "agents": numbers(ids.tolist()),
    }
    with connection.cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(HANDS, asked)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _whole(sent: bytes | None, kind: str = ">i8") -> Any:
    """Return the numbers of a binary array; nothing where there was no row."""
    if sent is None:
        return np.zeros(0, dtype=np.int64)
    record = np.dtype([("length", ">i4"), ("value", kind)])
    return np.frombuffer(sent, dtype=record, offset=ARRAY_HEADER)["value"].astype(np.int64)
