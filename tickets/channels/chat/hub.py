"""The chats of one process together: one ear for hints, one look at the rows every few seconds for all.

A hint makes news quick; the look makes it sure. With the channel layer down, slow or restarted, every
chat goes on with a delay of seconds. One query serves all sockets, however many there are.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.db import Error, close_old_connections

from tickets.channels.chat import session as sessions
from tickets.clock import database_now
from tickets.live.hints import ticket_group
from tickets.models import ChatSession

logger = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
PRESENT_EVERY = 7  # looks: about 20 seconds
LAYER_SECONDS = 2.0
DEAF_SECONDS = 30.0
SOCKETS_PER_SESSION = 8
SOCKETS_PER_NETWORK = 250  # of one process, whether they have said hello or not
MOST_SOCKETS = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)  # the other half is for pages
THREADS = 6  # of the process's database pool

_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="chat")
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()

Standing = tuple[Any, ...]


@dataclass(eq=False)
class Listener:
    """One socket's place in the hub: `hear` is called with a hint's kind when there may be news."""

    session_id: int
    hear: Callable[[str], None]
    ticket_id: int | None = None
    standing: Standing | None = None


async def in_thread[**P, T](function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses the database in a thread of the chat's own; sockets never wait for pages."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, partial(_with_database, partial(function, *args, **kwargs)))


def hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


@dataclass(eq=False)
class Hub:
    """Who listens for which ticket. Its task lives as long as somebody listens."""

    listeners: set[Listener] = field(default_factory=set)
    _parted: set[int] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _ear: asyncio.Task[None] | None = None
    _channel: str = ""
    _deaf_until: float = 0.0
    _joined: set[int] = field(default_factory=set)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _open: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def place_for(self, network: str) -> Iterator[bool]:
        """Hold a place for one more socket of a network; gives whether there was one."""
        may_come = self._open[network] < SOCKETS_PER_NETWORK and self._open.total() < MOST_SOCKETS
        self._open[network] += may_come
        try:
            yield may_come
        finally:
            self._open[network] -= may_come
            if not self._open[network]:
                del self._open[network]

    def enter(self, listener: Listener) -> bool:
        """Let a socket listen; refuse one visitor's ninth."""
        if sum(other.session_id == listener.session_id for other in self.listeners) >= SOCKETS_PER_SESSION:
            return False
        self.listeners.add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._due.set()
        return True

    def follow(self, listener: Listener, ticket_id: int | None) -> None:
        """Listen for the hints of this ticket from now on."""
        if listener.ticket_id != ticket_id:
            listener.ticket_id = ticket_id
            self._due.set()

    def leave(self, listener: Listener) -> None:
        """Stop listening; the visitor was here until now."""
        self.listeners.discard(listener)
        self._parted.add(listener.session_id)
        self._due.set()

    async def hint(self, ticket_id: int, kind: str) -> None:
        """Send a hint to everybody who looks at a ticket; it is dropped when the layer does not take it."""
        layer = get_channel_layer()
        if layer is None or asyncio.get_running_loop().time() < self._deaf_until:
            return
        hint = {"type": "hint", "kind": kind, "ticket": ticket_id, "queue": None}
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await layer.group_send(ticket_group(ticket_id), hint)
        except Exception as error:  # noqa: BLE001 - whatever the broker does, chats go on
            logger.warning("hint not sent", extra={"error": type(error).__name__})

    async def _run(self) -> None:
        looks = 0
        try:
            while True:
                await self._mind_groups()
                await self._look(is_present=looks % PRESENT_EVERY == 0)
                looks += 1
                if not self.listeners:
                    return
                await self._wait_for_next_look()
        finally:  # without waiting for anything: who enters now starts anew
            self._task = None
            if self._ear is not None:
                self._ear.cancel()
                self._ear = None
            self._joined.clear()

    async def _wait_for_next_look(self) -> None:
        """Sleep until the next look; groups are minded at once when somebody comes, follows or leaves."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LOOK_SECONDS
        while self.listeners and (left := until - loop.time()) > 0:
            try:
                await asyncio.wait_for(self._due.wait(), left)
            except TimeoutError:
                return
            self._due.clear()
            await self._mind_groups()

    async def _look(self, *, is_present: bool) -> None:
        """Read how all conversations stand, and wake the sockets whose own has changed."""
        ids = {listener.session_id for listener in self.listeners}
        present, self._parted = (ids if is_present else set()) | self._parted, set()
        try:
            standings = await in_thread(_read_standings, ids, present)
        except Error as error:  # the database is away: look again
            logger.warning("chat cannot read", extra={"error": type(error).__name__})
            return
        for listener in list(self.listeners):
            now_standing = standings.get(listener.session_id, ())
            if listener.standing != now_standing:
                listener.standing = now_standing
                listener.hear("look")

    async def _mind_groups(self) -> None:
        """Join the groups of followed tickets and leave the others; what fails is tried at the next look."""
        layer, loop = get_channel_layer(), asyncio.get_running_loop()
        if layer is None or loop.time() < self._deaf_until:
            return
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                if self._ear is None or self._ear.done():
                    self._deaf_until = loop.time() + DEAF_SECONDS  # unless an ear is found now
                    self._channel = await layer.new_channel()
                    self._joined.clear()
                    self._ear = asyncio.create_task(self._hear_hints(layer, self._channel))
                    self._deaf_until = 0.0
                await self._change_groups(layer)
        except Exception as error:  # noqa: BLE001 - whatever the broker does, chats go on
            logger.warning("chat hears no hints", extra={"error": type(error).__name__})

    async def _change_groups(self, layer: Any) -> None:
        wanted = {listener.ticket_id for listener in self.listeners if listener.ticket_id}
        for ticket_id in wanted - self._joined:
            await layer.group_add(ticket_group(ticket_id), self._channel)
            self._joined.add(ticket_id)
        for ticket_id in self._joined - wanted:
            await layer.group_discard(ticket_group(ticket_id), self._channel)
            self._joined.discard(ticket_id)

    async def _hear_hints(self, layer: Any, channel: str) -> None:
        while True:
            hint = await layer.receive(channel)
            ticket_id, kind = hint.get("ticket"), str(hint.get("kind", ""))
            for listener in list(self.listeners):
                if ticket_id is not None and listener.ticket_id == ticket_id:
                    listener.hear(kind)


def _read_standings(session_ids: set[int], present: set[int]) -> dict[int, Standing]:
    if present:
        sessions.still_here(present, now=database_now())
    rows = ChatSession.objects.filter(pk__in=session_ids).values_list(
        *("pk", "ticket_id", "token_digest", "channel__is_active", "name", "email"),
        *("ticket__last_seq", "ticket__version", "ticket__merged_into_id"),
    )
    return {row[0]: row for row in rows}


def _with_database[T](function: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return function()
    finally:
        close_old_connections()
