"""The errors of the chat, and the frames in which they are sent to the widget."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError

# The websocket's close codes: after a normal end, and by the code of the error after which it cannot go on.
NORMAL = 1000
CLOSES = {
    "too_large": 1009,
    "session_unknown": 4401,
    "chat_closed": 1008,
    "too_many_frames": 4429,
    "pass_over": 1000,
}


def build_refusal(error: DomainError, language: str, client_id: str = "") -> dict[str, Any]:
    """Return the frame for an error, in `language`; `client_id` is the refused message's, if any."""
    with translation.override(language):
        sentence = str(error.sentence)
    return {"type": "refused", "code": error.code, "sentence": sentence, "client_id": client_id}


class Later(DomainError):
    """A message could not be stored now; the widget sends it again automatically."""

    code = "later"
    status = 503
    sentence = _("This could not be saved just now. It will be sent again automatically.")


class ChatClosed(DomainError):
    """The channel was deactivated."""

    code = "chat_closed"
    sentence = _("This chat is closed. Please write to us in another way.")


class PassIsOver(DomainError):
    """The pass of a request's page has expired, or its link was revoked."""

    code = "pass_over"
    sentence = _("This page has been open for too long. Open the chat again from the page of your request.")


class SetAside(DomainError):
    """A message that was quarantined: it is stored, but not shown in the conversation."""

    code = "set_aside"
    sentence = _("This message could not be delivered. Please rephrase it.")
