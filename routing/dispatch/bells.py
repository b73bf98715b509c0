"""Subscribe to events that may require routing and schedule a pass."""

import time
from typing import Any

from tickets.actor import ActorKind
from tickets.models import Event
from tickets.platform import tasks_on_commit
from tickets.signals import ticket_event

KINDS = frozenset(
    {
        "ticket.created",
        "ticket.state",
        "ticket.spam",
        "ticket.merged",
        "ticket.priority",
        "chat.opened",
        "chat.left",
        "chat.ended",
        "callback.asked",
        "callback.done",
        "assignment.wanted",
        "assignment.released",
    }
)

OWN = frozenset({"ticket.state", "assignment.released"})  # written by a pass: it need not ring for itself


def connect() -> None:
    """Connect the receiver once, at start."""
    ticket_event.connect(_hear, sender=Event, dispatch_uid="routing.dispatch.bells")


def _hear(event: Event, **_: Any) -> None:
    moved = event.kind == "queue.entered" and event.data.get("from_queue") is not None
    own = event.actor_kind == ActorKind.SYSTEM and event.kind in OWN
    if (event.kind in KINDS and not own) or moved:
        tasks_on_commit.enqueue("routing.tasks.route", time.time())
    if event.kind == "message.out" and event.actor_kind == ActorKind.USER:
        tasks_on_commit.enqueue("routing.tasks.follow_answer", event.ticket_id)
