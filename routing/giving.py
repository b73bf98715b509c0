"""Write what the engine decided, in bulk: every statement checks again that it still may."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from routing.engine import Decision, Medium
from routing.models import Decision as DecisionRow
from routing.models import Offer
from routing.models.workitem import MEDIUM
from routing.offers import UNITS
from routing.rows import changed, rows
from routing.snapshot import Snapshot
from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Event
from tickets.states import State

MOST_NAMED = 50  # a record names so many of each group at most; counts are always whole

# Places are counted after these rows are locked, so that two routers cannot fill the last one twice.
LOCK_PEOPLE = "SELECT FROM routing_presence WHERE agent_id = ANY(%(agents)s) ORDER BY agent_id FOR UPDATE"

# A ticket somebody is just writing to is left to the next pass.
ASSIGN = """
WITH plan AS (
    SELECT * FROM unnest(%(items)s::bigint[], %(agents)s::bigint[], %(credits)s::int[])
        AS p (item, agent, credit)),
free AS (
    SELECT t.id FROM tickets_ticket t
    JOIN routing_workitem w ON w.ticket_id = t.id JOIN plan p ON p.item = w.id
    ORDER BY t.id FOR UPDATE OF t SKIP LOCKED),
taken AS (
    UPDATE routing_workitem w
    SET state = 'taken', agent_id = p.agent, given_at = %(now)s, version = w.version + 1, waiting_why = '{}',
        hold_agent_id = NULL, hold_until = NULL
    FROM plan p JOIN routing_agent a ON a.id = p.agent
    WHERE w.id = p.item AND w.state = 'waiting' AND w.ticket_id IN (SELECT id FROM free) AND a.is_active
      AND (SELECT count(*) FROM routing_workitem o WHERE o.agent_id = a.id AND o.state = 'taken'
           AND o.kind NOT IN ('chat', 'callback')) < a.places
    RETURNING w.id, w.ticket_id, w.agent_id, a.user_id, p.credit),
people AS (
    UPDATE routing_presence p SET last_contact_at = %(now)s, elder_credit = k.credit
    FROM taken k WHERE p.agent_id = k.agent_id)
UPDATE tickets_ticket t
SET assignee_id = k.user_id, state = CASE t.state WHEN 'new' THEN 'open' ELSE t.state END,
    updated_at = %(now)s, version = t.version + 1
FROM taken k WHERE t.id = k.ticket_id
RETURNING t.id AS ticket, k.id AS item, k.agent_id AS agent, k.user_id AS person,
          old.assignee_id AS before, old.state AS was, t.queue_id AS queue
"""

OFFER = """
WITH plan AS (
    SELECT * FROM unnest(%(items)s::bigint[], %(agents)s::bigint[], %(units)s::int[], %(credits)s::int[])
        AS p (item, agent, units, credit)),
free AS (
    SELECT w.id FROM routing_workitem w JOIN plan p ON p.item = w.id
    WHERE w.state = 'waiting' ORDER BY w.id FOR UPDATE OF w SKIP LOCKED),
hands AS (
    UPDATE routing_presence h SET free_units = h.free_units - p.units, elder_credit = p.credit
    FROM plan p JOIN free f ON f.id = p.item
    WHERE h.agent_id = p.agent AND h.free_units >= p.units AND h.is_connected
    RETURNING h.agent_id)
UPDATE routing_workitem w
SET state = 'offered', agent_id = p.agent, version = w.version + 1, waiting_why = '{}'
FROM plan p JOIN hands h ON h.agent_id = p.agent JOIN routing_agent a ON a.id = p.agent
WHERE w.id = p.item AND w.state = 'waiting'
RETURNING w.id AS item, w.ticket_id AS ticket, a.id AS agent, a.user_id AS person, w.queue_id AS queue
"""

NOTE = """
UPDATE routing_workitem w SET waiting_why = p.why
FROM jsonb_each(%(whys)s::jsonb) AS p (item, why)
WHERE w.id = p.item::bigint AND w.state = 'waiting'
"""


def assign_many(decisions: Sequence[Decision], picture: Snapshot, *, now: datetime) -> int:
    """Assign mails, forms and missed calls as decided; return how many still could be."""
    planned = {d.item: d for d in decisions if d.winner and _medium(d, picture) is Medium.MAIL}
    if not planned:
        return 0
    plan = list(planned.values())
    agents = [d.agent for d in plan]
    changed(LOCK_PEOPLE, {"agents": agents})
    credit = [d.elder_credit for d in plan]
    given = rows(ASSIGN, {"items": list(planned), "agents": agents, "credits": credit, "now": now})
    kept = _keep([(row, planned[row.item]) for row in given], picture, now=now, live=False)
    events.record_many(*(event for row in given for event in _assigned(row, kept[row.item], now)))
    return len(given)


def offer_many(decisions: Sequence[Decision], picture: Snapshot, *, now: datetime) -> int:
    """Offer chats and call backs as decided; return how many still could be.

    Raises IntegrityError when a row's guard says that another process was quicker.
    """
    planned = {d.item: d for d in decisions if d.winner and _medium(d, picture) is not Medium.MAIL}
    if not planned:
        return 0
    plan = list(planned.values())
    parameters = {
        "items": list(planned),
        "agents": [d.agent for d in plan],
        "units": [UNITS[picture.rows[d.item].kind] for d in plan],
        "credits": [d.elder_credit for d in plan],
    }
    given = rows(OFFER, parameters)
    kept = _keep([(row, planned[row.item]) for row in given], picture, now=now, live=True)
    made = Offer.objects.bulk_create(
        Offer(
            item_id=row.item,
            agent_id=row.agent,
            decision=kept[row.item],
            offered_at=now,
            expires_at=now + timedelta(seconds=_stands(planned[row.item], picture)),
        )
        for row in given
    )
    asked = {offer.item_id: offer for offer in made}
    events.record_many(*(e for row in given for e in _offered(row, asked[row.item], kept[row.item], now)))
    return len(given)


def note_waiting(decisions: Sequence[Decision], picture: Snapshot) -> int:
    """Write on each item what keeps it waiting, where that changed in kind; return how many did."""
    whys = {d.item: _waiting_why(d) for d in decisions if d.winner is None}
    before = {item: json.loads(picture.rows[item].waiting_why) for item in whys}
    new = {item: why for item, why in whys.items() if _kinds(why) != _kinds(before[item])}
    if not new:
        return 0
    return changed(NOTE, {"whys": json.dumps(new)})


def _keep(
    given: Sequence[tuple[Any, Decision]], picture: Snapshot, *, now: datetime, live: bool
) -> dict[int, DecisionRow]:
    """Put decisions on record; the effort of an offer counts once it is accepted."""
    made = []
    for row, decision in given:
        effort = round(picture.policy.rules(_medium(decision, picture)).handling_seconds)
        data = decision.as_data(MOST_NAMED) | {"effort_seconds": effort}
        made.append(
            DecisionRow(
                item_id=row.item,
                how=DecisionRow.How.ENGINE,
                agent_id=row.agent,
                at=now,
                policy_version=decision.policy_version,
                policy_hash=decision.policy_hash,
                effort_seconds=0 if live else effort,
                data=data,
            )
        )
    return {row.item_id: row for row in DecisionRow.objects.bulk_create(made)}


def _assigned(row: Any, decision: DecisionRow, now: datetime) -> list[Event]:
    data = {
        "from_user": row.before,
        "to_user": row.person,
        "reason": "routing",
        "decision": decision.pk,
        "item": row.item,
    }
    drafts = [_event("assignment.made", row, data, now)]
    if row.was == State.NEW:
        drafts.append(_event("ticket.state", row, {"from": State.NEW.value, "to": State.OPEN.value}, now))
    return drafts


def _offered(row: Any, offer: Offer, decision: DecisionRow, now: datetime) -> list[Event]:
    names = {"item": row.item, "user": row.person}
    asked = {**names, "offer": offer.pk, "decision": decision.pk}
    return [_event("queue.offered", row, names, now), _event("assignment.offered", row, asked, now)]


def _event(kind: str, row: Any, data: dict[str, Any], now: datetime) -> Event:
    """Draft an event of a ticket that is known by its number only."""
    event = events.draft(kind, by=SYSTEM, at=now, queue_id=row.queue, data=data)
    event.ticket_id = row.ticket
    return event


def _stands(decision: Decision, picture: Snapshot) -> float:
    return picture.policy.rules(_medium(decision, picture)).offer_seconds


def _medium(decision: Decision, picture: Snapshot) -> Medium:
    return MEDIUM[picture.rows[decision.item].kind]


def _waiting_why(decision: Decision) -> dict[str, Any]:
    return {
        "eligible": len(decision.eligible),
        "counts": {code.value: count for code, count in decision.counts.items()},
        "rules": [{"code": rule.code.value, **dict(rule.values)} for rule in decision.rules],
    }


def _kinds(why: dict[str, Any]) -> tuple[bool, list[str], list[str]]:
    """Return what matters for writing again: not each number, but which reasons there are."""
    rules = [rule["code"] for rule in why.get("rules", ())]
    return bool(why.get("eligible")), sorted(why.get("counts", ())), sorted(rules)
