"""A chat without a socket: what a window says comes in a request, and the news is its answer.

Proxies, policies of pages and old networks block sockets. The frames are those of the socket, read by the
same readers and stored by the same verbs; a window that has none asks every few seconds.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import Error

from tickets.channels.chat import doorway, errors, frames, talking
from tickets.channels.chat.doorway import Caller
from tickets.channels.chat.errors import Later
from tickets.errors import DomainError
from tickets.models import Channel, ChatSession

logger = logging.getLogger(__name__)

MOST_FRAMES = 20
MOST_BYTES = 64 * 1024
MOST_BATCHES = 10  # of lines in one answer; the next one goes on from there
STORE_TRIES = 5
STORE_PAUSE = 0.1

Frame = dict[str, Any]


def exchange(caller: Caller, channel: Channel, body: bytes) -> list[Frame]:
    """Handle a JSON list of frames whose first is a hello; return the frames a socket would have sent.

    Whatever is refused is said in a frame, as over a socket. What ends the conversation is a frame
    {"type": "close", "code": …} with the code a socket closes with.
    """
    answer = _Answer(caller, channel)
    try:
        texts = _read_list(body)
        answer.greet(texts[0])
    except DomainError as error:
        answer.refuse(error)
        return answer.frames
    for text in texts[1:]:
        answer.take(text)
    answer.add_news()
    return answer.frames


def _read_list(body: bytes) -> list[str]:
    """Return the frames of a body as texts. Raises BadFrame, also for more than a window ever has to say."""
    if len(body) > MOST_BYTES:
        raise frames.BadFrame
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise frames.BadFrame from error
    if not isinstance(found, list) or not 0 < len(found) <= MOST_FRAMES:
        raise frames.BadFrame
    return [json.dumps(frame, ensure_ascii=False) for frame in found]


class _Answer:
    """The frames of one answer, in the order a socket would have told them."""

    def __init__(self, caller: Caller, channel: Channel) -> None:
        self.caller, self.channel = caller, channel
        self.frames: list[Frame] = []
        self._session: ChatSession | None = None
        self._conversation, self._cursor, self._is_over = "", 0, False
        self._handlers: dict[type, Callable[[Any], None]] = {
            frames.Say: self._say,
            frames.Seen: lambda frame: talking.note_seen(self.session, frame.seq),
            frames.Introduce: lambda frame: doorway.introduce(self.session, frame),
            frames.Choose: lambda frame: doorway.choose(self.session, frame),
            frames.WantFile: self._want_file,
            frames.End: self._end,
        }

    @property
    def session(self) -> ChatSession:
        """The visitor's session, after the hello."""
        if self._session is None:
            raise frames.BadFrame
        return self._session

    def greet(self, text: str) -> None:
        """Open or resume the session. Raises DomainError."""
        hello = frames.read(text)
        if not isinstance(hello, frames.Hello):
            raise frames.BadFrame
        doorway.count_exchange(self.caller, hello.token)
        self._session, token = doorway.open_or_resume(self.caller, self.channel, hello)
        self._conversation, self._cursor = hello.conversation, hello.last
        self.frames.append({"type": "welcome", "session": self.session.public_id, "token": token})

    def take(self, text: str) -> None:
        """Handle one frame after the hello; none is handled once the conversation is over."""
        if self._is_over:
            return
        try:
            frame = frames.read(text)
            handler = self._handlers.get(type(frame))
            if handler is not None:  # a ping or a key that was pressed has nothing to say here
                handler(frame)
        except DomainError as error:
            self.refuse(error, frames.client_id_in(text))
        except Error as error:
            logger.warning("chat cannot store", extra={"error": type(error).__name__})
            self.refuse(Later(), frames.client_id_in(text))

    def add_news(self) -> None:
        """Add what the window lacks, and how things stand."""
        for _batch in range(MOST_BATCHES):
            if self._is_over:
                return
            try:
                news = talking.latest(self.session.pk, self._conversation, self._cursor)
            except DomainError as error:
                self.refuse(error)
                return
            if news.lines or (news.conversation, news.upto) != (self._conversation, self._cursor):
                self.frames.append({"type": "messages", **news.frame})
            self._conversation, self._cursor = news.conversation, news.upto
            if not news.has_more:
                self.frames.append({"type": "state", **news.state})
                return

    def refuse(self, error: DomainError, client_id: str = "") -> None:
        """Say what was refused, and close where a socket would."""
        language = self._session.language if self._session else self.channel.language
        self.frames.append(errors.refusal(error, language, client_id))
        if error.code in errors.CLOSES:
            self._close(errors.CLOSES[error.code])

    def _say(self, frame: frames.Say) -> None:
        doorway.count_message(self.caller, self.session)
        for _try in range(STORE_TRIES):
            ack = talking.store(self.session.pk, frame.client_id, frame.text)
            if ack is not None:
                self.frames.append(ack)
                return
            time.sleep(STORE_PAUSE)  # the sweep is at the same row
        raise Later

    def _want_file(self, frame: frames.WantFile) -> None:
        address = doorway.file_address(self.session, frame.public_id)
        self.frames.append({"type": "file", "id": frame.public_id, "url": address})

    def _end(self, _frame: frames.End) -> None:
        doorway.end(self.session)
        self.frames.append({"type": "ended"})
        self._close(errors.NORMAL)

    def _close(self, code: int) -> None:
        self._is_over = True
        self.frames.append({"type": "close", "code": code})
