"""The desk's websocket: it sends hints that something changed, and the page then loads the change itself."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.utils.module_loading import import_string

from tickets.actor import Actor
from tickets.live import hints
from tickets.models import Queue, Ticket

RECHECK_SECONDS = 25.0
SEND_SECONDS = 10.0
MAX_FRAME = 1024
MAX_FRAMES = 20
FRAMES_SECONDS = 10.0
GOODBYE, TOO_LARGE, TOO_OFTEN = 4401, 1009, 4429


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """The connection of one open desk. It receives hints about its user, their queues and the open ticket.

    The user's rights are checked on connecting, every 25 s, and after each event about an account. The
    connection is closed once the user has signed out or was deactivated.
    """

    async def connect(self) -> None:
        """Accept active staff, and subscribe them to their queues."""
        self._groups: set[str] = set()
        self._watched = ""
        self._frames: deque[float] = deque(maxlen=MAX_FRAMES)
        self._rechecks: asyncio.Task[None] | None = None
        user = self.scope.get("user")
        if not _may_enter(user):
            await self.close(GOODBYE)
            return
        await self._join(await _load_groups(user))
        await self.accept()
        self._rechecks = asyncio.create_task(self._recheck_forever())

    async def disconnect(self, code: int) -> None:
        """Leave every group."""
        if self._rechecks is not None:
            self._rechecks.cancel()
        for group in [*self._groups, *filter(None, [self._watched])]:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """Handle a `watch` frame; close the connection if frames are too large or too many.

        At most 1024 characters a frame and 20 frames in 10 s are accepted; unknown JSON is ignored.
        """
        if bytes_data is not None or text_data is None or len(text_data) > MAX_FRAME:
            await self.close(TOO_LARGE)
            return
        now = time.monotonic()
        if len(self._frames) == MAX_FRAMES and now - self._frames[0] < FRAMES_SECONDS:
            await self.close(TOO_OFTEN)
            return
        self._frames.append(now)
        try:
            content = await self.decode_json(text_data)
        except ValueError:
            return
        if isinstance(content, dict) and "watch" in content:
            await self._watch(content["watch"])

    async def hint(self, event: dict[str, Any]) -> None:
        """Send a hint to the page; check the user's rights first if it concerns accounts."""
        kind = str(event.get("kind", ""))
        if kind.startswith("account.") and not await self._recheck():
            return
        frame = {"kind": kind, "ticket": event.get("ticket"), "queue": event.get("queue")}
        try:
            await asyncio.wait_for(self.send_json(frame), SEND_SECONDS)
        except TimeoutError:
            await self.close()

    async def _watch(self, number: Any) -> None:
        """Subscribe to hints about the open ticket instead of the previous one, if the user may see it."""
        if self._watched:
            await self.channel_layer.group_discard(self._watched, self.channel_name)
            self._watched = ""
        if isinstance(number, int) and await _is_visible(self.scope["user"], number):
            self._watched = hints.ticket_group(number)
            await self.channel_layer.group_add(self._watched, self.channel_name)

    async def _join(self, groups: set[str]) -> None:
        for group in groups - self._groups:
            await self.channel_layer.group_add(group, self.channel_name)
        for group in self._groups - groups:
            await self.channel_layer.group_discard(group, self.channel_name)
        self._groups = groups

    async def _recheck_forever(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if not await self._recheck():
                return

    async def _recheck(self) -> bool:
        """Check the user's rights and adjust the subscriptions; return False if the connection is closed."""
        user = await _load_session_user(self.scope)
        if not _may_enter(user):
            await self.close(GOODBYE)
            return False
        self.scope["user"] = user
        await self._join(await _load_groups(user))
        number = self._watched.rpartition(".")[2]
        if number and not await _is_visible(user, int(number)):
            await self._watch(None)
        return True


def _may_enter(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated and user.is_active and user.is_staff)


async def _load_session_user(scope: dict[str, Any]) -> Any:
    """Load session and account again; an ended session or a changed password gives an anonymous user."""
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    session = store(session_key=scope["session"].session_key)
    return await get_user({"session": session})


@database_sync_to_async  # type: ignore[untyped-decorator]
def _load_groups(user: Any) -> set[str]:
    queues = Queue.objects.visible_to(Actor.for_user(user)).values_list("pk", flat=True)
    return {hints.user_group(user.pk), *(hints.queue_group(pk) for pk in queues)}


@database_sync_to_async  # type: ignore[untyped-decorator]
def _is_visible(user: Any, number: int) -> bool:
    return Ticket.objects.visible_to(Actor.for_user(user)).filter(pk=number).exists()
