"""The conversation as its customer sees it: messages and calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from tickets import wording
from tickets.models import Attachment, Call, Message
from tickets.portal.access import Guest


@dataclass(frozen=True)
class Line:
    """One entry of the conversation, shown by its template."""

    at: datetime
    when: str
    text: str
    template: str = "portal/line_message.html"
    author: str = ""
    initials: str = ""
    is_own: bool = False
    language: str = ""
    files: list[Attachment] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "" if self.initials and not self.is_own else "customer"


def load_lines(guest: Guest, *, now: datetime) -> list[Line]:
    """Return the messages and calls that this guest may see, oldest first."""
    messages = guest.load_messages()
    calls = list(Call.objects.visible_to(guest.actor).filter(ticket=guest.ticket))
    if not guest.is_requester:
        calls = [call for call in calls if call.message_id in {message.pk for message in messages}]
    call_messages = {call.message_id for call in calls if call.result != Call.Result.VOICEMAIL}
    lines = [
        _build_message_line(message, guest, now=now)
        for message in messages
        if message.pk not in call_messages
    ]
    lines += [_build_call_line(call, now=now) for call in calls if call.message_id in call_messages]
    return sorted(lines, key=lambda line: line.at)


def _build_message_line(message: Message, guest: Guest, *, now: datetime) -> Line:
    agent, customer = message.author_user, message.author_customer
    is_own = agent is None and message.author_customer_id == guest.participant.customer_id
    is_automatic = message.is_auto and agent is None and customer is None
    author = getattr(agent, "short_name", "") if agent else customer.name if customer else ""
    return Line(
        at=message.created_at,
        when=wording.format_moment(message.created_at, now=now),
        text=message.shown_text,
        author=_("Automatic message") if is_automatic else author,
        initials=getattr(agent, "initials", "") if agent else author[:1].upper(),
        is_own=is_own,
        language=message.language,
        files=list(message.attachments.all()),
    )


def _build_call_line(call: Call, *, now: datetime) -> Line:
    return Line(
        at=call.started_at,
        when=wording.format_moment(call.started_at, now=now),
        text=call.in_words(),
        template="portal/line_call.html",
    )
