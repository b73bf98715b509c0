"""Live news to open pages: small hints over websockets; what is true is read again from the database."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from tickets.models import Event

logger = logging.getLogger(__name__)

SEPARATE_UP_TO = 20  # events of so few each send a hint of their own


def user_group(user_id: int) -> str:
    """Return the group of one person's open pages."""
    return f"user.{user_id}"


def queue_group(queue_id: int) -> str:
    """Return the group of everybody who watches a queue."""
    return f"queue.{queue_id}"


def ticket_group(ticket_id: int) -> str:
    """Return the group of the pages and chats that show one ticket."""
    return f"ticket.{ticket_id}"


def announce(event_id: int) -> None:
    """Send one event's hint to whoever may be looking: its queue, its ticket, and people it names."""
    event = Event.objects.filter(pk=event_id).select_related("ticket").first()
    if event is None:
        return
    hint = {"type": "hint", "kind": event.kind, "ticket": event.ticket_id, "queue": event.queue_id}
    for group in _groups(event):
        send_hint(group, hint)


def announce_many(event_ids: Sequence[int]) -> None:
    """Send the hints of many events; where a group would get several of a kind, one is enough."""
    told: set[tuple[str, str]] = set()
    for event in Event.objects.filter(pk__in=event_ids).select_related("ticket").order_by("pk"):
        hint = {"type": "hint", "kind": event.kind, "ticket": event.ticket_id, "queue": event.queue_id}
        for group in _groups(event):
            if (group, event.kind) not in told or len(event_ids) <= SEPARATE_UP_TO:
                told.add((group, event.kind))
                send_hint(group, hint)


def announce_readers(ticket_id: int) -> None:
    """Tell the pages that show a ticket that somebody else came, left, or began to write."""
    hint = {"type": "hint", "kind": "readers", "ticket": ticket_id, "queue": None}
    send_hint(ticket_group(ticket_id), hint)


def send_hint(group: str, hint: dict[str, Any]) -> None:
    """Send a hint to a group; a layer that is down costs only the speed of the news."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, hint)
    except Exception as error:  # noqa: BLE001  (whatever the layer raises, the page asks again)
        logger.warning("hint not sent", extra={"group": group, "error": type(error).__name__})


def _groups(event: Event) -> list[str]:
    groups = []
    if event.queue_id:
        groups.append(queue_group(event.queue_id))
    if event.ticket_id:
        groups.append(ticket_group(event.ticket_id))
    people = {event.data.get(key) for key in ("user", "to_user", "from_user")}
    if event.ticket and event.ticket.assignee_id:
        people.add(event.ticket.assignee_id)
    groups += [user_group(person) for person in people if person]
    return groups
