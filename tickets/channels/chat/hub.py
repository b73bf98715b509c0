"""The hub of one process's chats: one subscription for hints, and one poll of the rows for all sockets.

Hints make news fast, polling makes it certain: if the channel layer is down, slow or restarted, chats go on
with a delay of some seconds. One query serves all sockets, however many there are.
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

POLL_SECONDS = 3.0
PRESENT_EVERY = 7  # polls, which is about 20 seconds
LAYER_SECONDS = 2.0
LAYER_PAUSE_SECONDS = 30.0
SOCKETS_PER_SESSION = 8
SOCKETS_PER_NETWORK = 250  # in one process, with or without a session
MAX_SOCKETS = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)  # the rest is for pages
THREADS = 6  # each may use one connection of the process's database pool

_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="chat")
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()

SessionState = tuple[Any, ...]


@dataclass(eq=False)
class Listener:
    """One socket in the hub; `notify` is called with a hint's kind when there may be news."""

    session_id: int
    notify: Callable[[str], None]
    ticket_id: int | None = None
    state: SessionState | None = None


async def run_in_thread[**P, T](function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses the database in one of the chat's own threads, where no page delays it."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(
        _threads, partial(_close_connections_after, partial(function, *args, **kwargs))
    )


def get_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


@dataclass(eq=False)
class Hub:
    """The listeners of one process, and the task that polls for them; it ends with the last listener."""

    listeners: set[Listener] = field(default_factory=set)
    _departed: set[int] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _hint_task: asyncio.Task[None] | None = None
    _channel: str = ""
    _layer_retry_at: float = 0.0
    _joined: set[int] = field(default_factory=set)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _open: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def reserve_place(self, network: str) -> Iterator[bool]:
        """Reserve a place for one more socket of a network, and yield whether there was one."""
        has_place = self._open[network] < SOCKETS_PER_NETWORK and self._open.total() < MAX_SOCKETS
        self._open[network] += has_place
        try:
            yield has_place
        finally:
            self._open[network] -= has_place
            if not self._open[network]:
                del self._open[network]

    def add_listener(self, listener: Listener) -> bool:
        """Add a socket; return False if its session has SOCKETS_PER_SESSION already."""
        if sum(other.session_id == listener.session_id for other in self.listeners) >= SOCKETS_PER_SESSION:
            return False
        self.listeners.add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._due.set()
        return True

    def follow_ticket(self, listener: Listener, ticket_id: int | None) -> None:
        """Send this ticket's hints to the listener from now on."""
        if listener.ticket_id != ticket_id:
            listener.ticket_id = ticket_id
            self._due.set()

    def remove_listener(self, listener: Listener) -> None:
        """Remove a socket, and record at the next poll that its visitor was connected until now."""
        self.listeners.discard(listener)
        self._departed.add(listener.session_id)
        self._due.set()

    async def send_hint(self, ticket_id: int, kind: str) -> None:
        """Send a hint to all who have the ticket open; it is lost if the channel layer is unavailable."""
        layer = get_channel_layer()
        if layer is None or asyncio.get_running_loop().time() < self._layer_retry_at:
            return
        hint = {"type": "hint", "kind": kind, "ticket": ticket_id, "queue": None}
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await layer.group_send(ticket_group(ticket_id), hint)
        except Exception as error:  # noqa: BLE001 - no failure of the broker may end a chat
            logger.warning("hint not sent", extra={"error": type(error).__name__})

    async def _run(self) -> None:
        polls = 0
        try:
            while True:
                await self._update_groups()
                await self._poll_rows(is_present=polls % PRESENT_EVERY == 0)
                polls += 1
                if not self.listeners:
                    return
                await self._wait_for_next_poll()
        finally:  # without an await: a listener that is added now must start a new task
            self._task = None
            if self._hint_task is not None:
                self._hint_task.cancel()
                self._hint_task = None
            self._joined.clear()

    async def _wait_for_next_poll(self) -> None:
        """Sleep until the next poll; update the groups at once when listeners or their tickets change."""
        loop = asyncio.get_running_loop()
        next_poll_at = loop.time() + POLL_SECONDS
        while self.listeners and (seconds := next_poll_at - loop.time()) > 0:
            try:
                await asyncio.wait_for(self._due.wait(), seconds)
            except TimeoutError:
                return
            self._due.clear()
            await self._update_groups()

    async def _poll_rows(self, *, is_present: bool) -> None:
        """Load the state of all sessions, and notify the listeners whose session has changed.

        With `is_present`, record that all connected visitors are present; departed ones are recorded always.
        """
        ids = {listener.session_id for listener in self.listeners}
        present, self._departed = (ids if is_present else set()) | self._departed, set()
        try:
            states = await run_in_thread(_load_states, ids, present)
        except Error as error:  # the database is unreachable: the next poll tries again
            logger.warning("chat cannot read", extra={"error": type(error).__name__})
            return
        for listener in list(self.listeners):
            state = states.get(listener.session_id, ())
            if listener.state != state:
                listener.state = state
                listener.notify("look")

    async def _update_groups(self) -> None:
        """Subscribe to the followed tickets and unsubscribe from others; the next poll retries a failure."""
        layer, loop = get_channel_layer(), asyncio.get_running_loop()
        if layer is None or loop.time() < self._layer_retry_at:
            return
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                if self._hint_task is None or self._hint_task.done():
                    self._layer_retry_at = loop.time() + LAYER_PAUSE_SECONDS  # reset below if this works
                    self._channel = await layer.new_channel()
                    self._joined.clear()
                    self._hint_task = asyncio.create_task(self._receive_hints(layer, self._channel))
                    self._layer_retry_at = 0.0
                await self._change_groups(layer)
        except Exception as error:  # noqa: BLE001 - no failure of the broker may end a chat
            logger.warning("chat hears no hints", extra={"error": type(error).__name__})

    async def _change_groups(self, layer: Any) -> None:
        wanted = {listener.ticket_id for listener in self.listeners if listener.ticket_id}
        for ticket_id in wanted - self._joined:
            await layer.group_add(ticket_group(ticket_id), self._channel)
            self._joined.add(ticket_id)
        for ticket_id in self._joined - wanted:
            await layer.group_discard(ticket_group(ticket_id), self._channel)
            self._joined.discard(ticket_id)

    async def _receive_hints(self, layer: Any, channel: str) -> None:
        while True:
            hint = await layer.receive(channel)
            ticket_id, kind = hint.get("ticket"), str(hint.get("kind", ""))
            for listener in list(self.listeners):
                if ticket_id is not None and listener.ticket_id == ticket_id:
                    listener.notify(kind)


def _load_states(session_ids: set[int], present: set[int]) -> dict[int, SessionState]:
    if present:
        sessions.mark_connected(present, now=database_now())
    rows = ChatSession.objects.filter(pk__in=session_ids).values_list(
        *("pk", "ticket_id", "token_digest", "channel__is_active", "name", "email"),
        *("ticket__last_seq", "ticket__version", "ticket__merged_into_id"),
    )
    return {row[0]: row for row in rows}


def _close_connections_after[T](function: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return function()
    finally:
        close_old_connections()
