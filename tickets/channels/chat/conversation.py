"""The conversation of a chat: a visitor's message is stored by intake, and the widget's news are loaded."""

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
from tickets.channels.chat import request_pass
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
    """What a widget does not have yet: the next messages up to number `upto`, and the conversation's state.

    `conversation` is the ticket's public id: if it differs from the one that the widget shows, the sequence
    numbers start again. `seen` is the last message that the visitor has seen, on any page.
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


def store_message(session_id: int, client_id: UUID, text: str) -> dict[str, Any] | None:
    """Store a message; return its acknowledgement, or None while another process has locked its row.

    Raises:
        SetAside: the message was quarantined.
    """
    outcome = receive_message(session_id, client_id, text, now=database_now())
    if outcome.state == Inbound.State.QUARANTINED:
        raise SetAside
    return build_acknowledgement(session_id, client_id, outcome)


def receive_message(session_id: int, client_id: UUID, text: str, *, now: datetime) -> Outcome:
    """Store a message in the ledger and process it; the same `client_id` again is the same message.

    Raises:
        Unknown: the visitor has ended the chat meanwhile.
        ChatClosed: the channel was deactivated meanwhile.
    """
    session = ChatSession.objects.select_related("channel").get(pk=session_id)
    _check_open(session)
    row, _is_new = ledger.keep_raw(
        session.channel,
        build_document(session, client_id, text),
        source_key=f"{session.public_id}:{client_id}",
        now=now,
    )
    if row.state == Inbound.State.FAILED and row.attempts > QUICK_TRIES:
        return receive.load_outcome(row)  # left to the sweep, which retries with growing intervals
    return receive.process(row.pk, now=now)


def build_document(session: ChatSession, client_id: UUID, text: str) -> bytes:
    """Return a chat message as the JSON document for the ledger."""
    fields = {"session": session.public_id, "client_id": str(client_id), "text": text}
    return json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()


def build_acknowledgement(session_id: int, client_id: UUID, outcome: Outcome) -> dict[str, Any] | None:
    """Return the frame that confirms a stored message, or None if it is not stored yet."""
    stored = Message.objects.filter(ticket__chat_sessions=session_id, client_id=client_id)
    message = outcome.message or stored.select_related("ticket").first()
    if message is None:
        return None
    return {
        "type": "ack",
        "client_id": str(client_id),
        "conversation": message.ticket.public_id,
        "seq": message.seq,
        "at": message.created_at.isoformat(),
    }


def load_latest_news(session_id: int, conversation: str, after: int) -> News:
    """Return the news as of the database's time; see `load_news`."""
    return load_news(session_id, conversation=conversation, after=after, now=database_now())


def load_news(session_id: int, *, conversation: str, after: int, now: datetime) -> News:
    """Return the messages after number `after`, at most BATCH, and the conversation's state.

    If `conversation` is not the session's current one, return its messages from the start.

    Raises:
        Unknown: the visitor has ended the chat meanwhile, perhaps in another window.
        ChatClosed: the channel was deactivated meanwhile.
    """
    session = _load_session(session_id)
    ticket = session.ticket or (session.participant.ticket if session.participant else None)
    if ticket is None:
        return News(None, "", 0, [], _build_state(session, None, now=now))
    after = after if conversation == ticket.public_id else 0
    upto = ticket.last_seq
    rows = list(find_visible_messages(session).filter(seq__gt=after, seq__lte=upto).order_by("seq")[:BATCH])
    upto = rows[-1].seq if len(rows) == BATCH else upto
    lines = [_build_line(message, session) for message in rows]
    state = _build_state(session, ticket, now=now)
    return News(ticket.pk, ticket.public_id, upto, lines, state, session.seen_seq)


def find_visible_messages(session: ChatSession) -> QuerySet[Message]:
    """Return the messages that the visitor may see: their own, and the replies sent in the chat.

    Mail on the same ticket is left out, even after the conversation continued by mail: the address that the
    visitor typed is not verified. A participant who came by a mailed link sees what the request's page shows.
    """
    if session.participant is not None:
        return _find_participant_messages(session.participant, session)
    visible = Message.objects.visible_to(Actor.for_visitor(session)).filter(channel_slug="chat")
    replies = Q(kind=Message.Kind.OUTBOUND, created_at__gte=session.opened_at)
    return (
        visible.filter(replies | Q(kind=Message.Kind.INBOUND, facts__session_id=session.pk))
        .exclude(outbounds__state=Outbound.State.CANCELLED)
        .select_related("author_user")
        .prefetch_related("attachments")
    )


def _find_participant_messages(participant: Participant, session: ChatSession) -> QuerySet[Message]:
    """Return the messages of the chat's ticket that a participant may read."""
    ticket_id = session.ticket_id or participant.ticket_id
    visible = Message.objects.visible_to(Actor.for_participant(participant)).filter(ticket=ticket_id)
    if participant.customer_id != participant.ticket.customer_id:  # not what was written before they joined
        visible = visible.filter(created_at__gte=participant.created_at)
    return (
        visible.exclude(outbounds__state=Outbound.State.CANCELLED)
        .select_related("author_user", "author_customer")
        .prefetch_related("attachments")
    )


def mark_seen(session: ChatSession, seq: int) -> None:
    """Record the last message that the visitor has seen."""
    sessions.mark_seen(session, seq, now=database_now())


def sign_file_query(session_id: int, public_id: str, *, until: int) -> str:
    """Return the signed query that opens a file of this chat until a Unix time; empty if it has no such file.

    The session is loaded again: the caller's row may be from before the session had its ticket.
    """
    messages = find_visible_messages(_load_session(session_id)).filter(attachments__public_id=public_id)
    if not public_id or not messages.exists():
        return ""
    return f"until={until}&mac={crypto.mac('chat-file', f'{public_id}.{until}')}"


def _load_session(session_id: int) -> ChatSession:
    """Load the session, and follow a merge of its ticket. Raises the errors of `load_news`."""
    related = ("channel", "ticket__assignee", "participant__ticket__assignee", "participant__customer")
    session = ChatSession.objects.select_related(*related).get(pk=session_id)
    _check_open(session)
    for _step in range(20):
        if session.ticket is None or session.ticket.merged_into is None:
            break
        session.ticket = session.ticket.merged_into
        session.seen_seq = 0
        session.save(update_fields=["ticket", "seen_seq"])
    return session


def _check_open(session: ChatSession) -> None:
    if session.token_digest.startswith(sessions.ENDED_PREFIX):
        raise sessions.Unknown
    if not session.channel.is_active:
        raise ChatClosed
    if session.participant_id is not None and session.link_id is not None:
        try:
            request_pass.find_valid_link(session.participant_id, session.link_id)
        except NotFound as error:
            raise sessions.Unknown from error


def _build_line(message: Message, session: ChatSession) -> dict[str, Any]:
    participant = session.participant
    is_own = message.kind == Message.Kind.INBOUND
    if participant is not None and message.author_customer_id != participant.customer_id:
        is_own = False
    return {
        "seq": message.seq,
        "from": "you" if is_own else "us",
        "name": "" if is_own else _find_author_name(message, session.language),
        "text": message.shown_text if participant is not None else message.text,
        "at": message.created_at.isoformat(),
        "client_id": str(message.client_id) if is_own and message.client_id else None,
        "files": [_build_file(attachment) for attachment in message.attachments.all()],
    }


def _build_file(attachment: Attachment) -> dict[str, Any]:
    return {"id": attachment.public_id, "name": attachment.name, "size": attachment.size}


def _find_author_name(message: Message, language: str) -> str:
    """Return the name of the message's author: an agent or another participant."""
    if message.kind == Message.Kind.INBOUND and message.author_customer is not None:
        return message.author_customer.name
    user: Any = message.author_user
    with translation.override(language):
        if message.is_auto:
            return _("Automatic message")
        return user.short_name if user else _("Us")


def _build_state(session: ChatSession, ticket: Ticket | None, *, now: datetime) -> dict[str, Any]:
    """Return the conversation's state, as values that the widget puts into words."""
    has_address = bool(session.participant.address if session.participant else session.email)
    state = {"name": session.name, "has_address": has_address}
    if ticket is None:
        empty = {"until": None, "is_finished": False, "by_mail": False, "choice": None}
        return {**state, "with": "", "writing": "", **empty}
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
        "choice": _build_choice(session, ticket, now=now),
    }


def _build_choice(session: ChatSession, ticket: Ticket, *, now: datetime) -> dict[str, Any] | None:
    """Return the question that the visitor can answer with one click, in their language, or None."""
    with translation.override(session.language):
        question = wait_question.find_question(ticket, now=now)
    if question is None:
        return None
    return {"key": question.key, "sentence": question.sentence, "options": question.options}
