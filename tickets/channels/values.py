"""Small values with which an adapter describes its channel."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class Medium(StrEnum):
    """How people talk in a channel, which decides how its work is routed: by voice, by chat or by mail."""

    VOICE = "voice"
    CHAT = "chat"
    MAIL = "mail"


class DeskLink(NamedTuple):
    """A page that a channel adds to the desk: its label, its icon, and its URL name."""

    label: Any
    icon: str
    url_name: str


class Event(NamedTuple):
    """One verified webhook event: its id, which is the ledger's key, and the format to parse it by.

    `answer` is (content type, body) if the provider expects a response of its own instead of our JSON.
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
