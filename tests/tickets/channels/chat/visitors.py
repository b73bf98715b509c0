"""A visitor's window for tests: frames over a websocket, in the tests' own process or over the network."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from asgiref.testing import ApplicationCommunicator

from helpdesk.asgi import application
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import Channel, Ticket

SHOP = "https://shop.example"
PATIENCE = 20.0  # seconds a test waits for a frame; only a failing one needs them all


class Socket(ApplicationCommunicator):
    """A websocket to the application in this process; Channels' own tester wants Daphne installed."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]], client: str = "192.0.2.7") -> None:
        scope = {"type": "websocket", "path": path, "query_string": b"", "subprotocols": []}
        super().__init__(self._serve, {**scope, "headers": headers, "client": (client, 40000)})
        self._reads = asyncio.Event()
        self._reads.set()

    async def connect(self) -> bool:
        """Tell whether the door opened."""
        await self.send_input({"type": "websocket.connect"})
        return bool((await self.receive_output(PATIENCE))["type"] == "websocket.accept")

    async def send_frame(self, **frame: Any) -> None:
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def frame(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """Return the next frame."""
        event = await self.receive_output(seconds)
        assert event["type"] == "websocket.send", event
        read: dict[str, Any] = json.loads(event["text"])
        return read

    async def nothing_for(self, seconds: float) -> None:
        """Let some time of the server's pass; whatever comes meanwhile stays to be read."""
        await asyncio.sleep(seconds)

    async def closed(self, seconds: float = PATIENCE) -> int:
        """Return the code with which the server closes, whatever it says before."""
        while True:
            event = await self.receive_output(seconds)
            if event["type"] == "websocket.close":
                return int(event.get("code", 1000))

    def stop_reading(self) -> None:
        """Take nothing in any more, as a window whose machine sleeps: the server's sending never ends."""
        self._reads.clear()

    def tear(self) -> None:
        """Lose the connection with whatever the server has not read yet."""
        while not self.input_queue.empty():
            self.input_queue.get_nowait()

    async def disconnect(self) -> None:
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": 1006})
            await self.wait(PATIENCE)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_if_read(event: Any) -> None:
            await self._reads.wait()
            await send(event)

        await application(scope, receive, send_if_read)


class Visitor:
    """What a widget knows: its token, the conversation it shows, and how far it has got."""

    def __init__(self, channel: Channel, origin: str = SHOP) -> None:
        self.channel, self.origin = channel, origin
        self.token, self.conversation, self.last = "", "", 0
        self.lines: dict[int, dict[str, Any]] = {}
        self.acks: dict[str, int] = {}
        self.state: dict[str, Any] = {}

    @asynccontextmanager
    async def at_the_door(self, client: str = "192.0.2.7"):
        """Connect without saying anything; gives the socket, or None when it was not let in."""
        headers = [(b"origin", self.origin.encode()), (b"host", b"help.example")]
        socket = Socket(f"/ws/chat/{self.channel.key}/", headers, client)
        entered = await socket.connect()
        try:
            yield socket if entered else None
        finally:
            await socket.disconnect()

    @asynccontextmanager
    async def window(self):
        """Open the window, resuming where it was; gives the socket after the welcome."""
        async with self.at_the_door() as socket:
            assert socket
            await socket.send_frame(**self.hello())
            await self.until(socket, "welcome")
            yield socket

    def hello(self) -> dict[str, Any]:
        return {
            "type": "hello", "token": self.token, "conversation": self.conversation, "last": self.last,
            "language": "en", "page": f"{self.origin}/lamps",
        }  # fmt: skip

    async def until(self, socket: Socket, kind: str) -> dict[str, Any]:
        """Take frames in until one of this kind comes; return it."""
        while True:
            frame = await socket.frame()
            self.take(frame)
            if frame["type"] == kind:
                return frame

    def take(self, frame: dict[str, Any]) -> None:
        """Do with a frame what the widget does."""
        if frame["type"] == "welcome" and frame["token"]:
            self.token = frame["token"]
        elif frame["type"] == "messages":
            if frame["conversation"] != self.conversation:
                self.conversation, self.lines = frame["conversation"], {}
            self.last = frame["upto"]
            for line in frame["lines"]:
                assert line["seq"] not in self.lines, "told twice"
                self.lines[line["seq"]] = line
        elif frame["type"] == "ack":
            self.acks[frame["client_id"]] = frame["seq"]
        elif frame["type"] == "state":
            self.state = frame

    async def say(self, socket: Socket, text: str, client_id: str = "") -> dict[str, Any]:
        """Say something and wait until it is acknowledged or refused."""
        client_id = client_id or str(uuid4())
        await socket.send_frame(type="say", client_id=client_id, text=text)
        while True:
            frame = await socket.frame()
            self.take(frame)
            if frame["type"] in ("ack", "refused") and frame["client_id"] == client_id:
                return frame

    @property
    def texts(self) -> list[str]:
        return [self.lines[seq]["text"] for seq in sorted(self.lines)]


def answer(ticket: Ticket, person: Any, text: str, **details: Any):
    """Let an agent reply now."""
    return replies.reply(ticket, Words(text), by=Actor.for_user(person), now=database_now(), **details)
