"""Return a message that was not delivered to its agent as work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Outbound


def return_to_agent(row: Outbound, kind: str, data: dict[str, Any], *, now: datetime) -> None:
    """Record a final failure, and set the ticket of a reply to open: the customer still has no answer.

    `kind` is the event (`delivery.failed` or `delivery.bounced`), `data` is added to its data.
    """
    record_delivery(row, kind, {"outbound": row.pk, "kind": row.kind, **data}, now=now)
    if row.ticket is None or row.kind != Outbound.Kind.REPLY:
        return
    if row.ticket.is_finished:
        row.ticket.reopen(by=SYSTEM, now=now, cause="bounce")
    else:
        row.ticket.open(by=SYSTEM, now=now)


def record_delivery(row: Outbound, kind: str, data: dict[str, Any], *, now: datetime) -> None:
    """Record an event of the kinds `delivery.…` on a message's ticket, if it has one."""
    if row.ticket is not None:
        events.record(kind, ticket=row.ticket, by=SYSTEM, at=now, data=data)
