"""The channel layer inside one process: like Channels' own in memory, but threads may send."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from channels.layers import InMemoryChannelLayer


class ThreadSafeInMemoryLayer(InMemoryChannelLayer):
    """Hand every message to the event loop of the sockets.

    The stock layer puts into an asyncio.Queue from whatever thread calls it, which does not wake the loop
    that waits on it. Celery's threads and the sweep send from outside, so the loop that first joins or
    receives is remembered and does all the work; before there is one, nobody listens and nothing is lost.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def receive(self, channel: str) -> dict[str, Any]:
        """Wait for the next message; whoever receives is the loop that must be woken."""
        self._remember_loop()
        message: dict[str, Any] = await super().receive(channel)
        return message

    async def group_add(self, group: str, channel: str) -> None:
        """Join a group."""
        self._remember_loop()
        await super().group_add(group, channel)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send to one socket. Raises ChannelFull when it has stopped reading."""
        await self._in_loop(super().send(channel, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to everybody in a group."""
        await self._in_loop(super().group_send(group, message))

    def _remember_loop(self) -> None:
        running = asyncio.get_running_loop()
        if self._loop is None or not self._loop.is_running():
            self._loop = running

    async def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        home = self._loop
        if home is None or home is asyncio.get_running_loop():
            await work
        elif not home.is_running():
            work.close()  # the server has stopped: nobody listens
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, home))
