"""A mail that did not arrive returns to its agent as work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Outbound


def return_to_agent(row: Outbound, kind: str, data: dict[str, Any], *, now: datetime) -> None:
    """What fails for good comes back as work: a reply that did not arrive is no answer."""
    record_delivery(row, kind, {"outbound": row.pk, "kind": row.kind, **data}, now=now)
    if row.ticket is None or row.kind != Outbound.Kind.REPLY:
        return
    if row.ticket.is_finished:
        row.ticket.reopen(by=SYSTEM, now=now, cause="bounce")
    else:
        row.ticket.open(by=SYSTEM, now=now)


def record_delivery(row: Outbound, kind: str, data: dict[str, Any], *, now: datetime) -> None:
    """Record on its ticket, if it has one, what became of a mail. `kind` is one of `delivery.…`."""
    if row.ticket is not None:
        events.record(kind, ticket=row.ticket, by=SYSTEM, at=now, data=data)
