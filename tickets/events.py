"""Write the event log: the kinds of events with their data fields, and the signal sent on commit.

No other module inserts events.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from tickets.actor import Actor
from tickets.models.event import Event
from tickets.platform import tasks_on_commit
from tickets.signals import ticket_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickets.models.ticket import Ticket


@dataclass(frozen=True)
class Kind:
    """One kind of event: the keys allowed in its data, and whether it belongs to the audit chain."""

    fields: frozenset[str]
    is_audit: bool = False


SEPARATOR = chr(30)  # joins several texts into one parameter; JSON contains this character only escaped


def _kind(*fields: str, audit: bool = False) -> Kind:
    return Kind(frozenset(fields), audit)


# The names and data are those that the metrics need. No data field may contain text that a person wrote.
KINDS: dict[str, Kind] = {
    "contact.start": _kind("is_live"),
    "contact.end": _kind("is_live"),
    "message.in": _kind("message", "is_auto", "needs_no_action", "is_chaser", "customer"),
    "message.out": _kind("message", "is_auto", "customer"),
    "message.note": _kind("message"),
    "message.withdrawn": _kind("message"),
    "message.notice": _kind("message", "kind"),
    "message.held": _kind("message", "customer"),
    "message.no_action": _kind("message", "needs_no_action"),
    "ticket.created": _kind("customer", "direction", "priority"),
    "ticket.state": _kind("from", "to"),
    "ticket.waits_on": _kind("from", "to"),
    "ticket.resolved": _kind("from", "to"),
    "ticket.reopened": _kind(),
    "ticket.closed": _kind(),
    "ticket.priority": _kind("priority", "before"),
    "ticket.renamed": _kind(),
    "ticket.spam": _kind("is_spam"),
    "ticket.linked": _kind("target", "kind"),
    "ticket.merged": _kind("into"),
    "ticket.split": _kind("into"),
    "ticket.customer": _kind("from", "to", "reason", "moved"),
    "ticket.tagged": _kind("added", "removed"),
    "motive.set": _kind("motive", "before"),
    "queue.entered": _kind("from_queue"),
    "queue.left": _kind("reason"),
    "queue.offered": _kind("item", "user"),
    "queue.answered": _kind("item", "user"),
    "queue.abandoned": _kind("item", "waited_seconds"),
    "assignment.made": _kind("from_user", "to_user", "reason", "decision", "item"),
    "assignment.released": _kind("from_user", "to_user", "reason", "decision", "item"),
    "assignment.wanted": _kind("user", "reason"),
    "assignment.refused": _kind("user", "reason"),
    "assignment.offered": _kind("item", "offer", "user", "decision"),
    "assignment.accepted": _kind("item", "offer", "user"),
    "assignment.declined": _kind("item", "offer", "user", "reason"),
    "assignment.timeout": _kind("item", "offer", "user"),
    "transfer": _kind("from_user", "to_user", "to_queue", "is_warm", "handover"),
    "participant.added": _kind("participant", "customer", "role"),
    "participant.pending": _kind("participant", "customer"),
    "participant.accepted": _kind("participant", "customer"),
    "participant.refused": _kind("participant", "customer"),
    "info.requested": _kind("field"),
    "info.provided": _kind("field"),
    "info.repeated": _kind("field"),
    "promise.made": _kind("promise", "due_at", "certainty", "kind", "replaces", "reason"),
    "promise.changed": _kind("promise", "replaced_by"),
    "promise.kept": _kind("promise"),
    "promise.broken": _kind("promise"),
    "call.number_chosen": _kind("call"),
    "call.logged": _kind("call", "direction", "result", "talk_seconds"),
    "callback.asked": _kind("callback", "from_at", "until_at"),
    "callback.done": _kind("callback"),
    "callback.cancelled": _kind("callback"),
    "chat.opened": _kind("session"),
    "chat.left": _kind("session"),
    "chat.ended": _kind("session"),
    "delivery.queued": _kind("outbound", "kind"),
    "delivery.sent": _kind("outbound", "kind", "attempts"),
    "delivery.delivered": _kind("outbound", "kind"),
    "delivery.deferred": _kind("outbound", "attempts"),
    "delivery.failed": _kind("outbound", "kind", "attempts"),
    "delivery.bounced": _kind("outbound", "kind", "status"),
    "delivery.cancelled": _kind("outbound", "kind"),
    "survey.invited": _kind("survey", "kind"),
    "survey.suppressed": _kind("survey", "kind", "reason"),
    "survey.opened": _kind("survey"),
    "survey.answered": _kind("survey", "kind", "score"),
    "survey.expired": _kind("survey"),
    "loop.opened": _kind("loop", "trigger"),
    "loop.held": _kind("loop", "outcome"),
    "loop.closed": _kind("loop", "outcome"),
    "identity.merged": _kind("from", "to"),
    "identity.unmerged": _kind("from", "to"),
    "identity.added": _kind("customer", "kind"),
    "identity.proved": _kind("customer", "kind"),
    "address.complained": _kind("customer", "outbound"),
    "address.allowed": _kind("customer", "outbound"),
    "agent.state": _kind("from", "to", "user"),
    "agent.channels": _kind("user", "calls", "chats", "mail"),
    "agent.absence": _kind("user", "leave", "until"),
    "slot.posted": _kind("slot", "seats"),
    "slot.asked": _kind("slot", "booking", "user"),
    "slot.answered": _kind("slot", "booking", "user", "state"),
    "surge.began": _kind("surge", "wait_seconds"),
    "surge.ended": _kind("surge"),
    "surge.asked": _kind("surge", "ask", "user"),
    "surge.answered": _kind("surge", "ask", "user", "answer"),
    "surge.released": _kind("surge", "ask", "user"),
    "overflow.changed": _kind("to_queue", "is_on"),
    "alert.raised": _kind("alert", "kind", "item"),
    "alert.settled": _kind("alert", "kind", "user"),
    "wait.asked": _kind("choice", "user", "until"),
    "wait.answered": _kind("choice", "user", "answer"),
    "customer.keeper": _kind("customer", "user", "role"),
    "effort.marked": _kind("user", "is_hard"),
    "inbound.kept": _kind("inbound", "kind"),
    "inbound.quarantined": _kind("inbound", "rule"),
    "inbound.handled": _kind("inbound", "how", audit=True),
    "mailbox.failing": _kind("mailbox", "trouble"),
    "mailbox.recovered": _kind("mailbox", "trouble"),
    "mailbox.renumbered": _kind("mailbox", "folder"),
    "mailbox.signed_in": _kind("mailbox", "provider", audit=True),
    "link.made": _kind("link", "purpose", audit=True),
    "link.revoked": _kind("link", audit=True),
    "customer.erased": _kind("customer", audit=True),
    "customer.changed": _kind("customer", "fields", audit=True),
    "account.invited": _kind("user", audit=True),
    "account.activated": _kind("user", audit=True),
    "account.rights": _kind("user", "what", "before", "after", audit=True),
    "account.login": _kind("user", audit=True),
    "account.logout": _kind("user", audit=True),
    "account.password": _kind("user", "how", audit=True),
    "account.login_failed": _kind("user", "reason", audit=True),
    "apikey.made": _kind("key", "user", "scopes", audit=True),
    "apikey.revoked": _kind("key", "user", audit=True),
    "config.changed": _kind("model", "id", "fields", audit=True),
    "export.made": _kind("what", "count", audit=True),
}


def build_event(
    kind: str,
    *,
    by: Actor,
    at: datetime,
    ticket: Ticket | None = None,
    contact_id: int | None = None,
    queue_id: int | None = None,
    channel: str = "",
    cause: str = "",
    data: dict[str, Any] | None = None,
    source_key: str | None = None,
) -> Event:
    """Return an unsaved event after checking its kind and data.

    `by` is the actor, `at` the moment of the event (aware), `cause` a short code for why. `queue_id` and
    `channel` default to the ticket's queue and to the acting channel. `source_key` makes the event unique.

    Raises:
        ValueError: the kind is not registered or a data key is not in its schema (a programming error).
    """
    schema = _check(kind, data or {})
    return Event(
        kind=kind,
        ticket=ticket,
        at=at,
        actor_kind=by.kind.value,
        actor_id=by.id,
        contact_id=contact_id,
        queue_id=queue_id if queue_id is not None else (ticket.queue_id if ticket else None),
        channel=channel or (by.id if by.kind == "channel" else ""),
        cause=cause,
        data=data or {},
        is_audit=schema.is_audit,
        source_key=source_key,
    )


def record(kind: str, **details: Any) -> Event:
    """Append one event in the caller's transaction; it is announced on commit. Arguments: `build_event`."""
    return record_many(build_event(kind, **details))[0]


def record_many(*unsaved: Event) -> list[Event]:
    """Append several events in one statement and return them; each is announced on commit."""
    saved = Event.objects.bulk_create(unsaved)
    transaction.on_commit(partial(_announce, saved), robust=True)
    return saved


@dataclass(frozen=True, slots=True)
class BulkEvent:
    """One event to be written by `record_bulk`; it names its ticket and queue by id."""

    kind: str
    ticket_id: int
    queue_id: int
    data: dict[str, Any]


def record_bulk(lines: Sequence[BulkEvent], *, by: Actor, at: datetime) -> None:
    """Append many events in one statement, without the signal `ticket_event`.

    For kinds to which no higher package subscribes. One task notifies open pages of all of them. Kinds and
    data are checked as in `build_event`, and the same ValueError is raised.
    """
    if not lines:
        return
    for line in lines:
        _check(line.kind, line.data)
    columns: dict[str, Any] = {
        "kinds": SEPARATOR.join(line.kind for line in lines),
        "tickets": [line.ticket_id for line in lines],
        "queues": [line.queue_id for line in lines],
        "data": SEPARATOR.join(json.dumps(line.data) for line in lines),
        "audit": [KINDS[line.kind].is_audit for line in lines],
        "at": at,
        "actor_kind": by.kind.value,
        "actor": by.id,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT_EVENTS, columns)
        ids = [id for (id,) in cursor.fetchall()]
    tasks_on_commit.enqueue("tickets.tasks.announce_many", ids)


# The texts arrive joined by SEPARATOR: quoting each for an array costs more than the rest of the statement.
# The ids follow the order of the lines: the log is read in the order of its ids.
INSERT_EVENTS = """
INSERT INTO tickets_event (kind, ticket_id, queue_id, data, is_audit, at, actor_kind, actor_id, channel,
                           cause)
SELECT l.kind, l.ticket, l.queue, l.data::jsonb, l.audit, %(at)s, %(actor_kind)s, %(actor)s, '', ''
FROM unnest(string_to_array(%(kinds)s, chr(30)), %(tickets)s::bigint[], %(queues)s::bigint[],
            string_to_array(%(data)s, chr(30)), %(audit)s::boolean[])
    WITH ORDINALITY AS l (kind, ticket, queue, data, audit, place)
ORDER BY l.place
RETURNING id
"""


def _check(kind: str, data: dict[str, Any]) -> Kind:
    schema = KINDS.get(kind)
    if schema is None:
        raise ValueError(f"Unknown event kind {kind!r}: register it in tickets.events.KINDS.")
    if unknown := set(data) - schema.fields:
        raise ValueError(f"Event {kind!r} has no data field {sorted(unknown)}.")
    return schema


def _announce(saved: Sequence[Event]) -> None:
    """Send the signal for each event, and one task that notifies open pages."""
    for event in saved:
        ticket_event.send_robust(sender=Event, event=event)
    if len(saved) == 1:
        tasks_on_commit.enqueue("tickets.tasks.announce", saved[0].pk)
    elif saved:
        tasks_on_commit.enqueue("tickets.tasks.announce_many", [event.pk for event in saved])
