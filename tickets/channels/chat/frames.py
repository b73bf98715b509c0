"""The frames that a widget may send: one JSON object each, parsed into values or refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tickets.customers.mail_addresses import normalise_email
from tickets.errors import Invalid, TooLarge

MAX_FRAME_BYTES = 16 * 1024
MAX_TEXT = 4000
MAX_SEQ = 2**31 - 1


@dataclass(frozen=True)
class Hello:
    """The first frame: the token of a session to resume, and the last sequence number the widget has."""

    token: str
    conversation: str
    last: int
    language: str
    page: str
    request: str = ""  # the pass from a request's page


@dataclass(frozen=True)
class Say:
    client_id: UUID
    text: str


@dataclass(frozen=True)
class Seen:
    """The visitor has seen the messages up to this sequence number."""

    seq: int


@dataclass(frozen=True)
class Introduce:
    """The visitor's name and mail address, as they typed them: neither is verified."""

    name: str
    email: str


@dataclass(frozen=True)
class Choose:
    """The visitor's answer to a question that the widget shows."""

    key: str
    option: str


@dataclass(frozen=True)
class WantFile:
    public_id: str


@dataclass(frozen=True)
class Typing:
    pass


@dataclass(frozen=True)
class Ping:
    pass


@dataclass(frozen=True)
class End:
    """The visitor ends the chat; its token becomes invalid."""


Frame = Hello | Say | Seen | Introduce | Choose | WantFile | Typing | Ping | End


class BadFrame(Invalid):
    """A frame that our widget does not send."""

    code = "bad_frame"
    sentence = _("The chat ran into a problem. Reload the page, then try again.")


class TooLong(TooLarge):
    """A message with more than MAX_TEXT characters."""

    code = "too_long"
    sentence = _("This message is too long. Please send it in several parts.")


def parse_frame(text: str) -> Frame:
    """Parse a JSON text into a frame.

    Raises:
        TooLarge: it has more than MAX_FRAME_BYTES.
        TooLong: its message has more than MAX_TEXT characters.
        Invalid: its message is empty, or its mail address is unusable.
        BadFrame: it is not a frame for any other reason.
    """
    if len(text) > MAX_FRAME_BYTES or len(text.encode("utf-8", "replace")) > MAX_FRAME_BYTES:
        raise TooLarge(_("This is too large for one message. Please send it in several parts."))
    try:
        fields = json.loads(text)
        reader = READERS[fields["type"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFrame from error
    return reader(fields)


def read_client_id(text: str) -> str:
    """Return the client id of a refused frame, so that the widget knows which one; or an empty text."""
    if len(text) > MAX_FRAME_BYTES:
        return ""
    try:
        fields = json.loads(text)
        return str(fields.get("client_id") or "")[:36]
    except (ValueError, AttributeError, RecursionError):
        return ""


def _hello(fields: dict[str, Any]) -> Hello:
    return Hello(
        token=_line(fields, "token", 100),
        conversation=_line(fields, "conversation", 20),
        last=_number(fields, "last"),
        language=_line(fields, "language", 12).lower()[:2],
        page=_line(fields, "page", 500),
        request=_line(fields, "request", 200),
    )


def _say(fields: dict[str, Any]) -> Say:
    try:
        client_id = UUID(str(fields.get("client_id")))
    except ValueError as error:
        raise BadFrame from error
    text = _clean(fields.get("text")).replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("There is nothing to send yet. Write something first."), code="empty")
    if len(text) > MAX_TEXT:
        raise TooLong
    return Say(client_id, text)


def _seen(fields: dict[str, Any]) -> Seen:
    return Seen(_number(fields, "seq"))


def _introduce(fields: dict[str, Any]) -> Introduce:
    typed = _line(fields, "email", 254)
    email = normalise_email(typed)
    if typed and not email:
        raise Invalid(_("We cannot write to this address. Please check it."), code="bad_email")
    return Introduce(name=_line(fields, "name", 120), email=email)


def _choose(fields: dict[str, Any]) -> Choose:
    return Choose(_line(fields, "key", 20), _line(fields, "option", 20))


def _want_file(fields: dict[str, Any]) -> WantFile:
    return WantFile(_line(fields, "id", 20))


READERS: dict[str, Callable[[dict[str, Any]], Frame]] = {
    "hello": _hello,
    "say": _say,
    "seen": _seen,
    "introduce": _introduce,
    "choose": _choose,
    "file": _want_file,
    "typing": lambda _fields: Typing(),
    "ping": lambda _fields: Ping(),
    "end": lambda _fields: End(),
}


def _line(fields: dict[str, Any], name: str, max_length: int) -> str:
    """Return a field as one line of at most `max_length` characters; empty if it is missing or null."""
    return " ".join(_clean(fields.get(name) or "").split())[:max_length]


def _clean(value: Any) -> str:
    """Return a text that PostgreSQL can store: without NUL characters and unpaired surrogates."""
    if not isinstance(value, str):
        raise BadFrame
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ:
        raise BadFrame
    return value
