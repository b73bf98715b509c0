"""Send small hints to open pages over websockets. A page that gets one reads the database again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from tickets.models import Event

logger = logging.getLogger(__name__)

SEPARATE_UP_TO = 20  # up to this many events, each sends its own hint


def user_group(user_id: int) -> str:
    """Return the name of the channel-layer group for one person's open pages."""
    return f"user.{user_id}"


def queue_group(queue_id: int) -> str:
    """Return the name of the group for pages that show a queue."""
    return f"queue.{queue_id}"


def ticket_group(ticket_id: int) -> str:
    """Return the name of the group for pages and chats that show one ticket."""
    return f"ticket.{ticket_id}"


def announce(event_id: int) -> None:
    """Send a hint about one event to the groups of its queue, its ticket and the people it names."""
    event = Event.objects.filter(pk=event_id).select_related("ticket").first()
    if event is None:
        return
    hint = {"type": "hint", "kind": event.kind, "ticket": event.ticket_id, "queue": event.queue_id}
    for group in _groups(event):
        send_hint(group, hint)


def announce_many(event_ids: Sequence[int]) -> None:
    """Send hints about many events. Beyond SEPARATE_UP_TO, a group gets one hint for each kind of event."""
    sent: set[tuple[str, str]] = set()
    for event in Event.objects.filter(pk__in=event_ids).select_related("ticket").order_by("pk"):
        hint = {"type": "hint", "kind": event.kind, "ticket": event.ticket_id, "queue": event.queue_id}
        for group in _groups(event):
            if (group, event.kind) not in sent or len(event_ids) <= SEPARATE_UP_TO:
                sent.add((group, event.kind))
                send_hint(group, hint)


def announce_readers(ticket_id: int) -> None:
    """Send a hint to the pages that show a ticket: a reader arrived, left, or started to write."""
    hint = {"type": "hint", "kind": "readers", "ticket": ticket_id, "queue": None}
    send_hint(ticket_group(ticket_id), hint)


def send_hint(group: str, hint: dict[str, Any]) -> None:
    """Send a hint to a group. If the channel layer is down, the failure is logged and the hint is lost."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, hint)
    except Exception as error:  # noqa: BLE001  (whatever the layer raises, pages also poll)
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
