"""One visitor's websocket: it receives frames, and sends acknowledgements and the news found in the rows."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error

from tickets.channels.chat import access, conversation, errors, frames
from tickets.channels.chat.errors import Later
from tickets.channels.chat.hub import Listener, get_hub, run_in_thread
from tickets.errors import DomainError, TooMany
from tickets.models import Channel, ChatSession

logger = logging.getLogger(__name__)

HELLO_SECONDS = 15.0
QUIET_SECONDS = 150.0  # a widget sends a ping every 25 seconds, in a sleeping tab once a minute
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
    """The socket is to be closed with `code`; GONE means that the other side has closed it already."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


async def serve_chat(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one visitor's socket.

    A plain ASGI application instead of a Channels consumer: it accepts sockets while the broker is down.
    """
    await receive()
    caller, key = access.read_socket_caller(scope), scope["url_route"]["kwargs"]["key"]
    with get_hub().reserve_place(caller.network) as has_place:
        channel = await run_in_thread(access.admit_socket, caller, key) if has_place else None
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
    except OSError:  # such as the ASGI servers' ClientDisconnected: there is nobody to send to
        return


class ChatSocket:
    """One accepted socket: one task reads frames, another sends news when the hub signals some."""

    def __init__(self, caller: access.Caller, channel: Channel, receive: Receive, send: Send) -> None:
        self.caller, self.channel = caller, channel
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._session: ChatSession | None = None
        self._listener: Listener | None = None
        self._conversation, self._cursor = "", 0  # what the widget has received so far
        self._state: dict[str, Any] = {}
        self._wake = asyncio.Event()
        self._is_ending = False
        self._last_typing = self._last_activity = 0.0
        self._minute, self._frames = 0.0, 0
        self._handlers: dict[type, Callable[[Any], Awaitable[None]]] = {
            frames.Say: self._on_say,
            frames.Seen: self._on_seen,
            frames.Introduce: self._on_introduce,
            frames.Choose: self._on_choose,
            frames.WantFile: self._on_want_file,
            frames.Typing: self._on_typing,
            frames.Ping: self._on_ping,
            frames.End: self._on_end,
        }

    async def serve(self) -> None:
        """Serve until one side closes. Raises Closed with the code to close with."""
        tasks = [asyncio.create_task(self._read_frames()), asyncio.create_task(self._send_news())]
        try:
            ended, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ended.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._listener is not None:
                get_hub().remove_listener(self._listener)

    # ------------------------------------------------------------------ receiving frames

    async def _read_frames(self) -> None:
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS if self._session else HELLO_SECONDS):
                    event = await self._receive()
            except TimeoutError:
                raise Closed(QUIET) from None
            if event["type"] == "websocket.disconnect":
                raise Closed(GONE)
            await self._handle_text(event.get("text") or "")

    async def _handle_text(self, text: str) -> None:
        """Handle one frame; a refusal is sent as a frame with a sentence, and the chat goes on if it can."""
        try:
            self._count_frame()
            frame = frames.parse_frame(text)
            await self._handle(frame)
        except DomainError as error:
            await self._refuse(error, frames.read_client_id(text))
        except Error as error:
            logger.warning("chat cannot store", extra={"error": type(error).__name__})
            await self._refuse(Later(), frames.read_client_id(text))

    def _count_frame(self) -> None:
        minute = self._loop.time() // 60
        self._frames = self._frames + 1 if minute == self._minute else 1
        self._minute = minute
        if self._frames > FRAMES_PER_MINUTE:
            raise TooMany(code="too_many_frames")

    async def _handle(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.Hello):
            await self._on_hello(frame)
        elif self._session is None:
            raise frames.BadFrame
        else:
            if not isinstance(frame, frames.Ping):
                self._last_activity = self._loop.time()
            await self._handlers[type(frame)](frame)

    async def _on_hello(self, frame: frames.Hello) -> None:
        if self._session is not None:
            raise frames.BadFrame
        session, token = await run_in_thread(access.open_or_resume, self.caller, self.channel, frame)
        self._session, self._last_activity = session, self._loop.time()
        self._conversation, self._cursor = frame.conversation, frame.last
        listener = Listener(session.pk, self._on_hint, session.ticket_id)
        if not get_hub().add_listener(listener):
            raise TooMany(code="too_many_frames")
        self._listener = listener
        await self._send_frame({"type": "welcome", "session": session.public_id, "token": token})
        self._wake.set()

    async def _on_say(self, frame: frames.Say) -> None:
        """Store a message, and acknowledge it after it is committed."""
        await run_in_thread(access.count_message, self.caller, self.session)
        for _try in range(STORE_TRIES):
            ack = await run_in_thread(
                conversation.store_message, self.session.pk, frame.client_id, frame.text
            )
            if ack is not None:
                await self._send_frame(ack)
                self._wake.set()
                return
            await asyncio.sleep(STORE_PAUSE)  # another process, such as the sweep, has locked the row
        raise Later

    async def _on_seen(self, frame: frames.Seen) -> None:
        await run_in_thread(conversation.mark_seen, self.session, frame.seq)

    async def _on_introduce(self, frame: frames.Introduce) -> None:
        await run_in_thread(access.save_introduction, self.session, frame)
        self._wake.set()

    async def _on_choose(self, frame: frames.Choose) -> None:
        await run_in_thread(access.answer_question, self.session, frame)
        self._wake.set()

    async def _on_want_file(self, frame: frames.WantFile) -> None:
        url = await run_in_thread(access.build_file_url, self.session, frame.public_id)
        await self._send_frame({"type": "file", "id": frame.public_id, "url": url})

    async def _on_typing(self, _frame: frames.Typing) -> None:
        now = self._loop.time()
        if self._listener and self._listener.ticket_id and now - self._last_typing > TYPING_SECONDS:
            self._last_typing = now
            await get_hub().send_hint(self._listener.ticket_id, "typing.visitor")

    async def _on_ping(self, _frame: frames.Ping) -> None:
        if self._loop.time() - self._last_activity > IDLE_SECONDS:
            raise Closed(QUIET)
        await self._send_frame({"type": "pong"})

    async def _on_end(self, _frame: frames.End) -> None:
        self._is_ending = True  # the other task may find the session ended first, and must not report it
        await run_in_thread(access.end_chat, self.session)
        await self._send_frame({"type": "ended"})
        raise Closed(errors.NORMAL)

    # ------------------------------------------------------------------ sending news

    def _on_hint(self, kind: str) -> None:
        if kind != "typing.visitor":  # sent by this visitor
            self._wake.set()

    async def _send_news(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._send_missing()
            except DomainError as error:
                if not self._is_ending:
                    await self._refuse(error)
            except Error as error:  # the database is unreachable; the cursor stays, so nothing is lost
                logger.warning("chat cannot read", extra={"error": type(error).__name__})
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()

    async def _send_missing(self) -> None:
        """Send the messages after the widget's last sequence number, in order and without gaps."""
        while True:
            news = await run_in_thread(
                conversation.load_latest_news, self.session.pk, self._conversation, self._cursor
            )
            has_moved = news.conversation != self._conversation
            self._conversation, self._cursor = news.conversation, news.upto
            if news.lines or has_moved:
                await self._send_frame({"type": "messages", **news.frame})
            if news.state != self._state:
                self._state = news.state
                await self._send_frame({"type": "state", **news.state})
            if self._listener:
                get_hub().follow_ticket(self._listener, news.ticket_id)
            if not news.has_more:
                return

    async def _refuse(self, error: DomainError, client_id: str = "") -> None:
        language = self._session.language if self._session else self.channel.language
        await self._send_frame(errors.build_refusal(error, language, client_id))
        if error.code in errors.CLOSES:
            raise Closed(errors.CLOSES[error.code])

    async def _send_frame(self, frame: dict[str, Any]) -> None:
        """Send one frame; a socket that does not read for five seconds is closed and may reconnect."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": json.dumps(frame, ensure_ascii=False)})
        except TimeoutError:
            raise Closed(GONE) from None

    @property
    def session(self) -> ChatSession:
        """The visitor's session. Raises BadFrame before the hello frame."""
        if self._session is None:
            raise frames.BadFrame
        return self._session
