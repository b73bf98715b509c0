"""What a visitor's browser may send: one JSON object a frame, read into values or refused with a sentence."""

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
    """The first frame: who resumes (by token) and the last sequence number they have."""

    token: str
    conversation: str
    last: int
    language: str
    page: str
    request: str = ""  # the pass that a request's page gives to its chat


@dataclass(frozen=True)
class Say:
    client_id: UUID
    text: str


@dataclass(frozen=True)
class Seen:
    """The visitor has looked at everything up to this sequence number."""

    seq: int


@dataclass(frozen=True)
class Introduce:
    """A name and an address to answer at; neither proves who somebody is."""

    name: str
    email: str


@dataclass(frozen=True)
class Choose:
    """The visitor's answer to a question that the window shows."""

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
    """The visitor ends the chat: the token is worth nothing from then on."""


Frame = Hello | Say | Seen | Introduce | Choose | WantFile | Typing | Ping | End


class BadFrame(Invalid):
    """A frame that is none of ours."""

    code = "bad_frame"
    sentence = _("The chat ran into a problem. Reload the page, then try again.")


class TooLong(TooLarge):
    """More text in one message than is taken in."""

    code = "too_long"
    sentence = _("This message is too long. Please send it in several parts.")


def read(text: str) -> Frame:
    """Return the frame behind `text`.

    Raises:
        TooLarge: over MAX_FRAME_BYTES.
        TooLong: a message over MAX_TEXT characters.
        Invalid: nothing to say, or no usable address.
        BadFrame: anything else that is not a frame.
    """
    if len(text) > MAX_FRAME_BYTES or len(text.encode("utf-8", "replace")) > MAX_FRAME_BYTES:
        raise TooLarge(_("This is too large for one message. Please send it in several parts."))
    try:
        fields = json.loads(text)
        reader = READERS[fields["type"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFrame from error
    return reader(fields)


def client_id_in(text: str) -> str:
    """Return the client's id of a frame that was refused, so that its window knows which; else nothing."""
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


def _line(fields: dict[str, Any], name: str, longest: int) -> str:
    """Return a one-line text of at most `longest` characters; absent or null is empty."""
    return " ".join(_clean(fields.get(name) or "").split())[:longest]


def _clean(value: Any) -> str:
    """Return a text PostgreSQL can keep: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        raise BadFrame
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ:
        raise BadFrame
    return value
