"""What a chat refuses, beyond the errors all channels share."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError

# Codes with which a connection closes: after an end that was asked for, and after what cannot go on.
NORMAL = 1000
CLOSES = {
    "too_large": 1009,
    "session_unknown": 4401,
    "chat_closed": 1008,
    "too_many_frames": 4429,
    "pass_over": 1000,
}


def refusal(error: DomainError, language: str, client_id: str = "") -> dict[str, Any]:
    """Return the frame that tells a window what was refused, in the visitor's language."""
    with translation.override(language):
        sentence = str(error.sentence)
    return {"type": "refused", "code": error.code, "sentence": sentence, "client_id": client_id}


class Later(DomainError):
    """Storing did not work just now; the window sends the message again by itself."""

    code = "later"
    status = 503
    sentence = _("This could not be saved just now. It will be sent again automatically.")


class ChatClosed(DomainError):
    """The company has closed this channel."""

    code = "chat_closed"
    sentence = _("This chat is closed. Please write to us in another way.")


class PassIsOver(DomainError):
    """The pass of a request's page is too old, or its link has ended."""

    code = "pass_over"
    sentence = _("This page has been open for too long. Open the chat again from the page of your request.")


class SetAside(DomainError):
    """A message that is kept but could not be read into the conversation."""

    code = "set_aside"
    sentence = _("This message could not be delivered. Please rephrase it.")
