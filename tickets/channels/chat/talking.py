"""What is said in a chat: a visitor's word goes in by the one door, and what is new is read from the rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.channels.chat import requests
from tickets.channels.chat import session as sessions
from tickets.channels.chat.errors import ChatClosed, SetAside
from tickets.clock import database_now
from tickets.errors import NotFound
from tickets.intake import ledger, receive
from tickets.intake.receive import Outcome
from tickets.models import Attachment, ChatSession, Inbound, Message, Outbound, Participant, Reader, Ticket
from tickets.platform import crypto
from tickets.promises import wait_question

BATCH = 200
QUICK_TRIES = 2


@dataclass(frozen=True)
class News:
    """What a visitor's window lacks: messages in order up to `upto`, and how things stand.

    `conversation` is the ticket's public id: when it differs from the one the window shows, its
    sequence numbers start anew. `seen` is how far the visitor has read, on whatever page.
    """

    ticket_id: int | None
    conversation: str
    upto: int
    lines: list[dict[str, Any]]
    state: dict[str, Any]
    seen: int = 0

    @property
    def frame(self) -> dict[str, Any]:
        return {
            "conversation": self.conversation,
            "upto": self.upto,
            "seen": self.seen,
            "lines": self.lines,
        }

    @property
    def has_more(self) -> bool:
        return len(self.lines) == BATCH


def store(session_id: int, client_id: UUID, text: str) -> dict[str, Any] | None:
    """Take in one message now; return its acknowledgement, or None while another process is at its row.

    Raises:
        SetAside: the message is kept, in quarantine.
    """
    outcome = take_message(session_id, client_id, text, now=database_now())
    if outcome.state == Inbound.State.QUARANTINED:
        raise SetAside
    return acknowledgement(session_id, client_id, outcome)


def take_message(session_id: int, client_id: UUID, text: str, *, now: datetime) -> Outcome:
    """Take in one message; sent again with the same `client_id` it is the same message.

    Raises:
        Unknown: the visitor has ended the chat meanwhile.
        ChatClosed: the company has closed the channel meanwhile.
    """
    session = ChatSession.objects.select_related("channel").get(pk=session_id)
    _demand_open(session)
    row, _is_new = ledger.keep_raw(
        session.channel,
        document(session, client_id, text),
        source_key=f"{session.public_id}:{client_id}",
        now=now,
    )
    if row.state == Inbound.State.FAILED and row.attempts > QUICK_TRIES:
        return receive.outcome_of(row)  # the sweep tries again, less and less often
    return receive.process(row.pk, now=now)


def document(session: ChatSession, client_id: UUID, text: str) -> bytes:
    """Return the raw document of a chat message, as the ledger keeps it."""
    said = {"session": session.public_id, "client_id": str(client_id), "text": text}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def acknowledgement(session_id: int, client_id: UUID, outcome: Outcome) -> dict[str, Any] | None:
    """Return the frame that tells a message is safely stored, or None while it is not."""
    mine = Message.objects.filter(ticket__chat_sessions=session_id, client_id=client_id)
    message = outcome.message or mine.select_related("ticket").first()
    if message is None:
        return None
    return {
        "type": "ack",
        "client_id": str(client_id),
        "conversation": message.ticket.public_id,
        "seq": message.seq,
        "at": message.created_at.isoformat(),
    }


def latest(session_id: int, conversation: str, after: int) -> News:
    """Return the news of this moment; see `news`."""
    return news(session_id, conversation=conversation, after=after, now=database_now())


def news(session_id: int, *, conversation: str, after: int, now: datetime) -> News:
    """Return what comes after sequence number `after` of `conversation`; all, if that is another one.

    Raises:
        Unknown: the visitor has ended the chat meanwhile, perhaps in another window.
        ChatClosed: the company has closed the channel meanwhile.
    """
    session = _session(session_id)
    ticket = session.ticket or (session.participant.ticket if session.participant else None)
    if ticket is None:
        return News(None, "", 0, [], _state(session, None, now=now))
    after = after if conversation == ticket.public_id else 0
    upto = ticket.last_seq
    rows = list(visible_messages(session).filter(seq__gt=after, seq__lte=upto).order_by("seq")[:BATCH])
    upto = rows[-1].seq if len(rows) == BATCH else upto
    lines = [_line(message, session) for message in rows]
    state = _state(session, ticket, now=now)
    return News(ticket.pk, ticket.public_id, upto, lines, state, session.seen_seq)


def visible_messages(session: ChatSession) -> QuerySet[Message]:
    """Return what was said in this chat: the visitor's own words and the replies to them.

    Mail on the same ticket stays out, even after the conversation has gone on by mail: whoever
    typed an address here has not proved that it is theirs. Who came by a mailed link has: they see what
    the request's page shows them.
    """
    if session.participant is not None:
        return _messages_of(session.participant, session)
    seen = Message.objects.visible_to(Actor.for_visitor(session)).filter(channel_slug="chat")
    ours = Q(kind=Message.Kind.OUTBOUND, created_at__gte=session.opened_at)
    return (
        seen.filter(ours | Q(kind=Message.Kind.INBOUND, facts__session_id=session.pk))
        .exclude(outbounds__state=Outbound.State.CANCELLED)
        .select_related("author_user")
        .prefetch_related("attachments")
    )


def _messages_of(participant: Participant, session: ChatSession) -> QuerySet[Message]:
    """Return what a participant may read of the ticket that the chat is about."""
    ticket_id = session.ticket_id or participant.ticket_id
    seen = Message.objects.visible_to(Actor.for_participant(participant)).filter(ticket=ticket_id)
    if participant.customer_id != participant.ticket.customer_id:  # who joined later sees what came later
        seen = seen.filter(created_at__gte=participant.created_at)
    return (
        seen.exclude(outbounds__state=Outbound.State.CANCELLED)
        .select_related("author_user", "author_customer")
        .prefetch_related("attachments")
    )


def note_seen(session: ChatSession, seq: int) -> None:
    """Note how far the visitor has read."""
    sessions.mark_seen(session, seq, now=database_now())


def file_query(session_id: int, public_id: str, *, until: int) -> str:
    """Return the query that opens a file of this chat until a Unix time, or an empty text.

    The session is read again: a window that was open before its ticket has the older row.
    """
    mine = visible_messages(_session(session_id)).filter(attachments__public_id=public_id)
    if not public_id or not mine.exists():
        return ""
    return f"until={until}&mac={crypto.mac('chat-file', f'{public_id}.{until}')}"


def _session(session_id: int) -> ChatSession:
    """Return the session as it stands; its conversation follows a ticket merged into another."""
    related = ("channel", "ticket__assignee", "participant__ticket__assignee", "participant__customer")
    session = ChatSession.objects.select_related(*related).get(pk=session_id)
    _demand_open(session)
    for _step in range(20):
        if session.ticket is None or session.ticket.merged_into is None:
            break
        session.ticket = session.ticket.merged_into
        session.seen_seq = 0
        session.save(update_fields=["ticket", "seen_seq"])
    return session


def _demand_open(session: ChatSession) -> None:
    if session.token_digest.startswith(sessions.OVER):
        raise sessions.Unknown
    if not session.channel.is_active:
        raise ChatClosed
    if session.participant_id is not None and session.link_id is not None:
        try:
            requests.find_standing(session.participant_id, session.link_id)
        except NotFound as error:
            raise sessions.Unknown from error


def _line(message: Message, session: ChatSession) -> dict[str, Any]:
    part = session.participant
    is_own = message.kind == Message.Kind.INBOUND
    if part is not None and message.author_customer_id != part.customer_id:
        is_own = False
    return {
        "seq": message.seq,
        "from": "you" if is_own else "us",
        "name": "" if is_own else _name(message, session.language),
        "text": message.shown_text if part is not None else message.text,
        "at": message.created_at.isoformat(),
        "client_id": str(message.client_id) if is_own and message.client_id else None,
        "files": [_file(attachment) for attachment in message.attachments.all()],
    }


def _file(attachment: Attachment) -> dict[str, Any]:
    return {"id": attachment.public_id, "name": attachment.name, "size": attachment.size}


def _name(message: Message, language: str) -> str:
    """Return who wrote it: one of us, or somebody else who takes part."""
    if message.kind == Message.Kind.INBOUND and message.author_customer is not None:
        return message.author_customer.name
    user: Any = message.author_user
    with translation.override(language):
        if message.is_auto:
            return _("Automatic message")
        return user.short_name if user else _("Us")


def _state(session: ChatSession, ticket: Ticket | None, *, now: datetime) -> dict[str, Any]:
    """Return how things stand, in values the window puts into words."""
    has_address = bool(session.participant.address if session.participant else session.email)
    state = {"name": session.name, "has_address": has_address}
    if ticket is None:
        nothing = {"until": None, "is_finished": False, "by_mail": False, "choice": None}
        return {**state, "with": "", "writing": "", **nothing}
    writers = Reader.objects.present(now).filter(ticket=ticket, is_writing=True)
    writer = writers.select_related("user").order_by("pk").first()
    promise = (
        ticket.promises.filter(kept_at=None, broken_at=None, replaced_by=None).order_by("due_at").first()
    )
    mails = ticket.messages.filter(channel_slug="email", is_held=False).exclude(kind=Message.Kind.NOTE)
    return {
        **state,
        "with": ticket.assignee.short_name if ticket.assignee else "",
        "writing": writer.user.short_name if writer else "",
        "until": promise.due_at.isoformat() if promise and ticket.waiting_since else None,
        "is_finished": ticket.is_finished,
        "by_mail": session.participant is None and mails.exists(),
        "choice": _choice(session, ticket, now=now),
    }


def _choice(session: ChatSession, ticket: Ticket, *, now: datetime) -> dict[str, Any] | None:
    """Return the question that the visitor may answer by one click, in their language."""
    with translation.override(session.language):
        asked = wait_question.find_question(ticket, now=now)
    return {"key": asked.key, "sentence": asked.sentence, "options": asked.options} if asked else None
