"""Hear the log: what changes a number rings for the facts of its ticket; the sweep hears the rest."""

from typing import Any

from tickets.models import Event
from tickets.platform import tasks_on_commit
from tickets.signals import ticket_event

# A ticket leaves many events at once; these are the ones after which somebody looks at a number.
HEARD = frozenset({"message.out", "ticket.created", "ticket.reopened", "ticket.resolved"})


def connect() -> None:
    """Connect the receiver once, at start."""
    ticket_event.connect(_hear, sender=Event, dispatch_uid="metrics.facts.bells")


def _hear(event: Event, **_: Any) -> None:
    if event.kind in HEARD and event.ticket_id is not None:
        tasks_on_commit.enqueue("metrics.tasks.refresh_ticket", event.ticket_id)
