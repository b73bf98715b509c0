"""Write the engine's decisions in bulk; each statement checks again that they are still valid."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from routing.assigning.offers import UNITS
from routing.dispatch.snapshot import Snapshot
from routing.engine import Decision, Medium
from routing.models.workitem import MEDIUM
from tickets import events
from tickets.actor import SYSTEM
from tickets.events import SEPARATOR, BulkEvent
from tickets.platform.sql import execute_update, format_array, load_rows
from tickets.queries.assigning import build_assignment_update
from tickets.queries.relations import TICKETS
from tickets.states import State

MOST_NAMED = 50  # a decision lists at most so many agents of each group; its counts are complete

# Places are counted after these rows are locked, so that two routers cannot fill the last one twice.
LOCK_PEOPLE = "SELECT FROM routing_presence WHERE agent_id = ANY(%(agents)s) ORDER BY agent_id FOR UPDATE"

# A ticket that another transaction has locked is left to the next pass: waiting would delay the others.
# Decisions and offers take their ids from the sequences here, so that the inserts below need no join.
ASSIGN = f"""
WITH plan AS MATERIALIZED (
    SELECT * FROM unnest(%(items)s::bigint[], %(agents)s::bigint[], %(credits)s::int[], %(efforts)s::int[],
                         string_to_array(%(whys)s, chr(30))) AS p (item, agent, credit, effort, why)),
free AS (
    SELECT t.id FROM {TICKETS} t
    JOIN routing_workitem w ON w.ticket_id = t.id JOIN plan p ON p.item = w.id
    ORDER BY t.id FOR UPDATE OF t SKIP LOCKED),
taken AS (
    UPDATE routing_workitem w
    SET state = 'taken', agent_id = p.agent, given_at = %(now)s, version = w.version + 1,
        waiting_why = '{{}}', hold_agent_id = NULL, hold_until = NULL
    FROM plan p JOIN routing_agent a ON a.id = p.agent
    WHERE w.id = p.item AND w.state = 'waiting' AND w.ticket_id IN (SELECT id FROM free) AND a.is_active
      AND (SELECT count(*) FROM routing_workitem o WHERE o.agent_id = a.id AND o.state = 'taken'
           AND o.kind NOT IN ('chat', 'callback')) < a.places
    RETURNING w.id, w.ticket_id, w.agent_id, a.user_id, p.credit, p.effort, p.why,
              nextval('routing_decision_id_seq') AS decision),
people AS (
    UPDATE routing_presence p SET last_contact_at = %(now)s, elder_credit = k.credit
    FROM taken k WHERE p.agent_id = k.agent_id),
told AS (
    INSERT INTO routing_decision (id, item_id, how, agent_id, reason, at, policy_version, policy_hash,
                                  effort_seconds, data)
    SELECT k.decision, k.id, 'engine', k.agent_id, '', %(now)s, %(version)s, %(hash)s, k.effort, k.why::jsonb
    FROM taken k)
{build_assignment_update("taken", "k.id AS item, k.decision")}
"""  # noqa: S608  (the pieces are constants)

# Items locked by `free` stay `waiting` until this transaction ends.
OFFER = """
WITH plan AS MATERIALIZED (
    SELECT * FROM unnest(%(items)s::bigint[], %(agents)s::bigint[], %(units)s::int[], %(credits)s::int[],
                         %(stands)s::float8[], string_to_array(%(whys)s, chr(30)))
        AS p (item, agent, units, credit, stands, why)),
free AS (
    SELECT w.id FROM routing_workitem w JOIN plan p ON p.item = w.id
    WHERE w.state = 'waiting' ORDER BY w.id FOR UPDATE OF w SKIP LOCKED),
hands AS (
    UPDATE routing_presence h SET free_units = h.free_units - p.units, elder_credit = p.credit
    FROM plan p JOIN free f ON f.id = p.item
    WHERE h.agent_id = p.agent AND h.free_units >= p.units AND h.is_connected
    RETURNING p.item, p.agent, p.stands, p.why),
given AS (
    UPDATE routing_workitem w
    SET state = 'offered', agent_id = p.agent, version = w.version + 1, waiting_why = '{}'
    FROM hands p JOIN routing_agent a ON a.id = p.agent
    WHERE w.id = p.item
    RETURNING w.id AS item, w.ticket_id AS ticket, a.id AS agent, a.user_id AS person, w.queue_id AS queue,
              p.stands, p.why, nextval('routing_decision_id_seq') AS decision,
              nextval('routing_offer_id_seq') AS offer),
told AS (
    INSERT INTO routing_decision (id, item_id, how, agent_id, reason, at, policy_version, policy_hash,
                                  effort_seconds, data)
    SELECT g.decision, g.item, 'engine', g.agent, '', %(now)s, %(version)s, %(hash)s, 0, g.why::jsonb
    FROM given g),
asked AS (
    INSERT INTO routing_offer (id, item_id, agent_id, decision_id, state, reason, offered_at, expires_at)
    SELECT g.offer, g.item, g.agent, g.decision, 'offered', '', %(now)s,
           %(now)s + make_interval(secs => g.stands)
    FROM given g)
SELECT item, ticket, person, queue, offer, decision FROM given ORDER BY item
"""

NOTE = """
UPDATE routing_workitem w SET waiting_why = p.why
FROM jsonb_each(%(whys)s::jsonb) AS p (item, why)
WHERE w.id = p.item::bigint AND w.state = 'waiting'
"""


class Assigned(NamedTuple):
    """A ticket that was assigned to `person` (an account), with its assignee and state before."""

    item: int
    decision: int
    ticket: int
    queue: int
    person: int
    before: int | None
    was: str


class Offered(NamedTuple):
    """Live work that was offered to `person` (an account)."""

    item: int
    ticket: int
    person: int
    queue: int
    offer: int
    decision: int


def assign_many(decisions: Sequence[Decision], picture: Snapshot, *, now: datetime) -> int:
    """Assign mails, forms and missed calls by the decisions; return how many were still unassigned."""
    plan = [d for d in decisions if d.winner and _medium(d, picture) is Medium.MAIL]
    if not plan:
        return 0
    execute_update(LOCK_PEOPLE, {"agents": [d.agent for d in plan]})
    efforts = [_effort(d, picture) for d in plan]
    rows = load_rows(Assigned, ASSIGN, {**_columns(plan, picture, now), "efforts": efforts})
    events.record_bulk([line for row in rows for line in _assigned(row)], by=SYSTEM, at=now)
    return len(rows)


def offer_many(decisions: Sequence[Decision], picture: Snapshot, *, now: datetime) -> int:
    """Offer chats and callbacks by the decisions; return how many were still waiting.

    The effort of an offer counts once it is accepted. Raises IntegrityError when a row's guard says that
    another process was quicker.
    """
    plan = [d for d in decisions if d.winner and _medium(d, picture) is not Medium.MAIL]
    if not plan:
        return 0
    units = [UNITS[picture.rows[d.item].kind] for d in plan]
    stands = [picture.policy.rules(_medium(d, picture)).offer_seconds for d in plan]
    rows = load_rows(Offered, OFFER, {**_columns(plan, picture, now), "units": units, "stands": stands})
    events.record_bulk([line for row in rows for line in _offered(row)], by=SYSTEM, at=now)
    return len(rows)


def note_waiting(decisions: Sequence[Decision], picture: Snapshot) -> int:
    """Store on each item why it still waits, if the reasons changed; return how many were updated."""
    whys = {d.item: _waiting_why(d) for d in decisions if d.winner is None}
    before = {item: json.loads(picture.rows[item].waiting_why) for item in whys}
    new = {item: why for item, why in whys.items() if _kinds(why) != _kinds(before[item])}
    if not new:
        return 0
    return execute_update(NOTE, {"whys": json.dumps(new)})


def _columns(plan: Sequence[Decision], picture: Snapshot, now: datetime) -> dict[str, Any]:
    """Return the parameters of both statements: the plan as columns, each decision's account as JSON."""
    return {
        "items": format_array(d.item for d in plan),
        "agents": format_array(d.agent for d in plan if d.agent),
        "credits": format_array(d.elder_credit for d in plan),
        "whys": SEPARATOR.join(_accounts(plan, picture)),
        "version": plan[0].policy_version,
        "hash": plan[0].policy_hash,
        "now": now,
    }


def _accounts(plan: Sequence[Decision], picture: Snapshot) -> Iterator[str]:
    """Yield each decision's account as JSON. Parts that decisions share are encoded once."""
    written: dict[tuple[int, int], str] = {}
    for decision in plan:
        shared = id(decision.eligible), id(decision.ruled_out)
        if shared not in written:
            written[shared] = json.dumps(decision.grounds_as_data(MOST_NAMED))
        own = decision.choice_as_data() | {"effort_seconds": _effort(decision, picture)}
        yield f"{json.dumps(own)[:-1]}, {written[shared][1:]}"


def _effort(decision: Decision, picture: Snapshot) -> int:
    return round(picture.policy.rules(_medium(decision, picture)).handling_seconds)


def _assigned(row: Assigned) -> list[BulkEvent]:
    data = {"from_user": row.before, "to_user": row.person, "reason": "routing", "decision": row.decision,
            "item": row.item}  # fmt: skip
    lines = [BulkEvent("assignment.made", row.ticket, row.queue, data)]
    if row.was == State.NEW:
        opened = {"from": State.NEW.value, "to": State.OPEN.value}
        lines.append(BulkEvent("ticket.state", row.ticket, row.queue, opened))
    return lines


def _offered(row: Offered) -> list[BulkEvent]:
    names = {"item": row.item, "user": row.person}
    offer = {**names, "offer": row.offer, "decision": row.decision}
    return [
        BulkEvent("queue.offered", row.ticket, row.queue, names),
        BulkEvent("assignment.offered", row.ticket, row.queue, offer),
    ]


def _medium(decision: Decision, picture: Snapshot) -> Medium:
    return MEDIUM[picture.rows[decision.item].kind]


def _waiting_why(decision: Decision) -> dict[str, Any]:
    return {
        "eligible": len(decision.eligible),
        "counts": {code.value: count for code, count in decision.counts.items()},
        "rules": [{"code": rule.code.value, **dict(rule.values)} for rule in decision.rules],
    }


def _kinds(why: dict[str, Any]) -> tuple[bool, list[str], list[str]]:
    """Return the kinds of reasons, without their numbers: only a change of these is written."""
    rules = [rule["code"] for rule in why.get("rules", ())]
    return bool(why.get("eligible")), sorted(why.get("counts", ())), sorted(rules)
