"""One visitor's websocket: frames in, acknowledgements and news out; what is true is read from the rows."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error

from tickets.channels.chat import doorway, errors, frames, talking
from tickets.channels.chat.errors import Later
from tickets.channels.chat.hub import Listener, hub, in_thread
from tickets.errors import DomainError, TooMany
from tickets.models import Channel, ChatSession

logger = logging.getLogger(__name__)

HELLO_SECONDS = 15.0
QUIET_SECONDS = 150.0  # a window says "ping" every 25 seconds, a sleeping tab once a minute
IDLE_SECONDS = 2 * 3600.0
SEND_SECONDS = 5.0
TYPING_SECONDS = 3.0
FRAMES_PER_MINUTE = 240
STORE_TRIES = 20
STORE_PAUSE = 0.1
RETRY_SECONDS = 3.0

GONE, QUIET = 0, 4408

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Closed(Exception):
    """The conversation over this socket is done; GONE says that there is nobody to tell."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


async def chat(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one visitor's socket: an ASGI application of its own, which needs no broker to accept it."""
    await receive()
    caller, key = doorway.caller_of_scope(scope), scope["url_route"]["kwargs"]["key"]
    with hub().place_for(caller.network) as may_come:
        channel = await in_thread(doorway.enter, caller, key) if may_come else None
        if channel is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        await _serve(ChatSocket(caller, channel, receive, send), send)


async def _serve(socket: ChatSocket, send: Send) -> None:
    try:
        await socket.serve()
    except Closed as closed:
        if closed.code != GONE:
            await send({"type": "websocket.close", "code": closed.code})
    except OSError:  # the servers' ClientDisconnected is one: nobody is there any more
        return


class ChatSocket:
    """One accepted socket: one task reads frames, another tells news when the hub says there is some."""

    def __init__(self, caller: doorway.Caller, channel: Channel, receive: Receive, send: Send) -> None:
        self.caller, self.channel = caller, channel
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._session: ChatSession | None = None
        self._listener: Listener | None = None
        self._conversation, self._cursor = "", 0  # what the window has
        self._state: dict[str, Any] = {}
        self._wake = asyncio.Event()
        self._is_ending = False
        self._last_typing = self._last_word = 0.0
        self._minute, self._frames = 0.0, 0
        self._handlers: dict[type, Callable[[Any], Awaitable[None]]] = {
            frames.Say: self._say,
            frames.Seen: self._seen,
            frames.Introduce: self._introduce,
            frames.Choose: self._choose,
            frames.WantFile: self._want_file,
            frames.Typing: self._typing,
            frames.Ping: self._ping,
            frames.End: self._end,
        }

    async def serve(self) -> None:
        """Run until one side is done. Raises Closed with what to close with."""
        tasks = [asyncio.create_task(self._read_frames()), asyncio.create_task(self._tell_news())]
        try:
            done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._listener is not None:
                hub().leave(self._listener)

    # ------------------------------------------------------------------ frames in

    async def _read_frames(self) -> None:
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS if self._session else HELLO_SECONDS):
                    event = await self._receive()
            except TimeoutError:
                raise Closed(QUIET) from None
            if event["type"] == "websocket.disconnect":
                raise Closed(GONE)
            await self._take(event.get("text") or "")

    async def _take(self, text: str) -> None:
        """Handle one frame; whatever is refused is said in a sentence, and the chat goes on where it can."""
        try:
            self._count_frame()
            frame = frames.read(text)
            await self._handle(frame)
        except DomainError as error:
            await self._refuse(error, frames.client_id_in(text))
        except Error as error:
            logger.warning("chat cannot store", extra={"error": type(error).__name__})
            await self._refuse(Later(), frames.client_id_in(text))

    def _count_frame(self) -> None:
        minute = self._loop.time() // 60
        self._frames = self._frames + 1 if minute == self._minute else 1
        self._minute = minute
        if self._frames > FRAMES_PER_MINUTE:
            raise TooMany(code="too_many_frames")

    async def _handle(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.Hello):
            await self._hello(frame)
        elif self._session is None:
            raise frames.BadFrame
        else:
            if not isinstance(frame, frames.Ping):
                self._last_word = self._loop.time()
            await self._handlers[type(frame)](frame)

    async def _hello(self, frame: frames.Hello) -> None:
        if self._session is not None:
            raise frames.BadFrame
        session, token = await in_thread(doorway.open_or_resume, self.caller, self.channel, frame)
        self._session, self._last_word = session, self._loop.time()
        self._conversation, self._cursor = frame.conversation, frame.last
        listener = Listener(session.pk, self._hear, session.ticket_id)
        if not hub().enter(listener):
            raise TooMany(code="too_many_frames")
        self._listener = listener
        await self._tell({"type": "welcome", "session": session.public_id, "token": token})
        self._wake.set()

    async def _say(self, frame: frames.Say) -> None:
        """Store a message and acknowledge it once it is committed, never before."""
        await in_thread(doorway.count_message, self.caller, self.session)
        for _try in range(STORE_TRIES):
            ack = await in_thread(talking.store, self.session.pk, frame.client_id, frame.text)
            if ack is not None:
                await self._tell(ack)
                self._wake.set()
                return
            await asyncio.sleep(STORE_PAUSE)  # the sweep is at the same row
        raise Later

    async def _seen(self, frame: frames.Seen) -> None:
        await in_thread(talking.note_seen, self.session, frame.seq)

    async def _introduce(self, frame: frames.Introduce) -> None:
        await in_thread(doorway.introduce, self.session, frame)
        self._wake.set()

    async def _choose(self, frame: frames.Choose) -> None:
        await in_thread(doorway.choose, self.session, frame)
        self._wake.set()

    async def _want_file(self, frame: frames.WantFile) -> None:
        address = await in_thread(doorway.file_address, self.session, frame.public_id)
        await self._tell({"type": "file", "id": frame.public_id, "url": address})

    async def _typing(self, _frame: frames.Typing) -> None:
        now = self._loop.time()
        if self._listener and self._listener.ticket_id and now - self._last_typing > TYPING_SECONDS:
            self._last_typing = now
            await hub().hint(self._listener.ticket_id, "typing.visitor")

    async def _ping(self, _frame: frames.Ping) -> None:
        if self._loop.time() - self._last_word > IDLE_SECONDS:
            raise Closed(QUIET)
        await self._tell({"type": "pong"})

    async def _end(self, _frame: frames.End) -> None:
        self._is_ending = True  # the other task may see the end first; it is no surprise to this window
        await in_thread(doorway.end, self.session)
        await self._tell({"type": "ended"})
        raise Closed(errors.NORMAL)

    # ------------------------------------------------------------------ news out

    def _hear(self, kind: str) -> None:
        if kind != "typing.visitor":  # our own
            self._wake.set()

    async def _tell_news(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._catch_up()
            except DomainError as error:
                if not self._is_ending:
                    await self._refuse(error)
            except Error as error:  # the database is away; the window has missed nothing yet
                logger.warning("chat cannot read", extra={"error": type(error).__name__})
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()

    async def _catch_up(self) -> None:
        """Tell what comes after the window's last sequence number, in order and without a gap."""
        while True:
            news = await in_thread(talking.latest, self.session.pk, self._conversation, self._cursor)
            moved = news.conversation != self._conversation
            self._conversation, self._cursor = news.conversation, news.upto
            if news.lines or moved:
                await self._tell({"type": "messages", **news.frame})
            if news.state != self._state:
                self._state = news.state
                await self._tell({"type": "state", **news.state})
            if self._listener:
                hub().follow(self._listener, news.ticket_id)
            if not news.has_more:
                return

    async def _refuse(self, error: DomainError, client_id: str = "") -> None:
        language = self._session.language if self._session else self.channel.language
        await self._tell(errors.refusal(error, language, client_id))
        if error.code in errors.CLOSES:
            raise Closed(errors.CLOSES[error.code])

    async def _tell(self, frame: dict[str, Any]) -> None:
        """Send one frame; whoever does not read for five seconds is let go and may come back."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": json.dumps(frame, ensure_ascii=False)})
        except TimeoutError:
            raise Closed(GONE) from None

    @property
    def session(self) -> ChatSession:
        """The visitor's session, after the hello."""
        if self._session is None:
            raise frames.BadFrame
        return self._session
