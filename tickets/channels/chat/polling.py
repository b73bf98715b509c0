"""Chat without a websocket: the widget posts its frames every few seconds, and the response has the news.

Proxies, content security policies and old networks may block websockets. The frames, their parsers and the
functions that store them are the same as for the socket.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import Error

from tickets.channels.chat import access, conversation, errors, frames
from tickets.channels.chat.access import Caller
from tickets.channels.chat.errors import Later
from tickets.errors import DomainError
from tickets.models import Channel, ChatSession

logger = logging.getLogger(__name__)

MAX_FRAMES = 20
MAX_BYTES = 64 * 1024
MAX_BATCHES = 10  # of messages in one response; the next response has the rest
STORE_TRIES = 5
STORE_PAUSE = 0.1

Frame = dict[str, Any]


def answer_poll(caller: Caller, channel: Channel, body: bytes) -> list[Frame]:
    """Handle a JSON list of frames, of which the first is a hello; return the frames to send back.

    Errors become frames, as on a socket. Where a socket would be closed, the last frame is
    {"type": "close", "code": …} with the socket's close code.
    """
    poll = _Poll(caller, channel)
    try:
        texts = _split_frames(body)
        poll.handle_hello(texts[0])
    except DomainError as error:
        poll.add_refusal(error)
        return poll.frames
    for text in texts[1:]:
        poll.handle_frame(text)
    poll.add_news()
    return poll.frames


def _split_frames(body: bytes) -> list[str]:
    """Return the frames of a body as texts. Raises BadFrame if it is not a list, or is too long."""
    if len(body) > MAX_BYTES:
        raise frames.BadFrame
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise frames.BadFrame from error
    if not isinstance(values, list) or not 0 < len(values) <= MAX_FRAMES:
        raise frames.BadFrame
    return [json.dumps(frame, ensure_ascii=False) for frame in values]


class _Poll:
    """One poll: it handles the widget's frames and collects those of the response, in a socket's order."""

    def __init__(self, caller: Caller, channel: Channel) -> None:
        self.caller, self.channel = caller, channel
        self.frames: list[Frame] = []
        self._session: ChatSession | None = None
        self._conversation, self._cursor, self._is_over = "", 0, False
        self._handlers: dict[type, Callable[[Any], None]] = {
            frames.Say: self._on_say,
            frames.Seen: lambda frame: conversation.mark_seen(self.session, frame.seq),
            frames.Introduce: lambda frame: access.save_introduction(self.session, frame),
            frames.Choose: lambda frame: access.answer_question(self.session, frame),
            frames.WantFile: self._on_want_file,
            frames.End: self._on_end,
        }

    @property
    def session(self) -> ChatSession:
        """The visitor's session. Raises BadFrame before the hello frame."""
        if self._session is None:
            raise frames.BadFrame
        return self._session

    def handle_hello(self, text: str) -> None:
        """Open or resume the session. Raises DomainError."""
        hello = frames.parse_frame(text)
        if not isinstance(hello, frames.Hello):
            raise frames.BadFrame
        access.count_exchange(self.caller, hello.token)
        self._session, token = access.open_or_resume(self.caller, self.channel, hello)
        self._conversation, self._cursor = hello.conversation, hello.last
        self.frames.append({"type": "welcome", "session": self.session.public_id, "token": token})

    def handle_frame(self, text: str) -> None:
        """Handle one frame after the hello, unless an earlier one has closed the conversation."""
        if self._is_over:
            return
        try:
            frame = frames.parse_frame(text)
            handler = self._handlers.get(type(frame))
            if handler is not None:  # pings and typing hints have no meaning without a socket
                handler(frame)
        except DomainError as error:
            self.add_refusal(error, frames.read_client_id(text))
        except Error as error:
            logger.warning("chat cannot store", extra={"error": type(error).__name__})
            self.add_refusal(Later(), frames.read_client_id(text))

    def add_news(self) -> None:
        """Add the messages that the widget does not have yet, and the state of the conversation."""
        for _batch in range(MAX_BATCHES):
            if self._is_over:
                return
            try:
                news = conversation.load_latest_news(self.session.pk, self._conversation, self._cursor)
            except DomainError as error:
                self.add_refusal(error)
                return
            if news.lines or (news.conversation, news.upto) != (self._conversation, self._cursor):
                self.frames.append({"type": "messages", **news.frame})
            self._conversation, self._cursor = news.conversation, news.upto
            if not news.has_more:
                self.frames.append({"type": "state", **news.state})
                return

    def add_refusal(self, error: DomainError, client_id: str = "") -> None:
        """Add a frame for the error, and close the conversation where a socket would be closed."""
        language = self._session.language if self._session else self.channel.language
        self.frames.append(errors.build_refusal(error, language, client_id))
        if error.code in errors.CLOSES:
            self._close(errors.CLOSES[error.code])

    def _on_say(self, frame: frames.Say) -> None:
        access.count_message(self.caller, self.session)
        for _try in range(STORE_TRIES):
            ack = conversation.store_message(self.session.pk, frame.client_id, frame.text)
            if ack is not None:
                self.frames.append(ack)
                return
            time.sleep(STORE_PAUSE)  # another process, such as the sweep, has locked the row
        raise Later

    def _on_want_file(self, frame: frames.WantFile) -> None:
        url = access.build_file_url(self.session, frame.public_id)
        self.frames.append({"type": "file", "id": frame.public_id, "url": url})

    def _on_end(self, _frame: frames.End) -> None:
        access.end_chat(self.session)
        self.frames.append({"type": "ended"})
        self._close(errors.NORMAL)

    def _close(self, code: int) -> None:
        self._is_over = True
        self.frames.append({"type": "close", "code": code})
