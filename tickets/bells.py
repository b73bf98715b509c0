"""Hear the log: each committed event rings the task that tells open pages about it."""

from typing import Any

from tickets import bell
from tickets.models.event import Event
from tickets.signals import ticket_event


def connect() -> None:
    """Connect the receiver once, at start."""
    ticket_event.connect(_hear, sender=Event, dispatch_uid="tickets.bells")


def _hear(event: Event, **_: Any) -> None:
    bell.ring("tickets.tasks.announce", event.pk)
