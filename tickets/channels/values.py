"""Small values by which an adapter says what its channel is."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class Medium(StrEnum):
    """How people talk in a channel, and so how the router gives its work: talk, typed talk, or letters."""

    VOICE = "voice"
    CHAT = "chat"
    MAIL = "mail"


class DeskLink(NamedTuple):
    """A page that a channel adds to the desk: its words, an icon of the set, and the name of its address."""

    label: Any
    icon: str
    url_name: str


class Event(NamedTuple):
    """One genuine webhook event: its id, which is the ledger's key, and the format it is read in.

    `answer` is (content type, body) where the provider expects words of its own instead of our JSON.
    """

    id: str
    format: str = ""
    answer: tuple[str, str] | None = None


class Choice(NamedTuple):
    """One answer to a question: the value that is sent, and the words on its button."""

    value: str
    label: str


class Question(NamedTuple):
    """What a channel asks an agent about a ticket; an answer is posted to `address` as `field`."""

    title: str
    text: str
    address: str
    field: str
    choices: tuple[Choice, ...]
