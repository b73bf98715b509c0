"""Visitors who leave, fall silent or end the chat: their ticket stays open and continues by mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.channels.chat.session import ENDED_PREFIX, find_answer_address
from tickets.delivery import outbox
from tickets.models import ChatSession, Contact, Message, Outbound, Ticket

GONE_AFTER = timedelta(seconds=60)
SILENT_AFTER = timedelta(minutes=30)
UNUSED_AFTER = timedelta(days=2)


def record_departures(now: datetime, *, limit: int = 200) -> int:
    """Record the departure of visitors who have not been connected for a minute; return their number."""
    absent = ChatSession.objects.filter(left_at=None, ended_at=None, last_seen_at__lt=now - GONE_AFTER)
    return sum(_record_departure(session, now=now) for session in _join_tickets(absent)[:limit])


def end_silent_chats(now: datetime, *, limit: int = 200) -> int:
    """End chats without a message for half an hour, and those left as long ago; return their number.

    A chat whose visitor waits for our answer is not ended.
    """
    since = now - SILENT_AFTER
    recent = Message.objects.filter(ticket=OuterRef("ticket"), created_at__gte=since)
    has_messages = Exists(recent.exclude(kind=Message.Kind.NOTE))
    is_silent = Q(contact__isnull=False, contact__started_at__lt=since, ticket__waiting_since=None)
    over = ChatSession.objects.filter(ended_at=None).filter(
        Q(left_at__lt=since) | Q(is_silent, ~has_messages)
    )
    return sum(_end_session(session, by=SYSTEM, now=now) for session in _join_tickets(over)[:limit])


def end_chat(session: ChatSession, *, now: datetime) -> bool:
    """End a chat because the visitor asked for it; its token becomes invalid, its ticket stays open."""
    digest = f"{ENDED_PREFIX}{session.public_id}"
    return _end_session(session, by=Actor.for_visitor(session), now=now, token_digest=digest, left_at=now)


def delete_unused_sessions(now: datetime) -> int:
    """Delete sessions without a message that were last seen two days ago; return their number."""
    unused = ChatSession.objects.filter(ticket=None, last_seen_at__lt=now - UNUSED_AFTER)
    deleted, _rows = unused.delete()
    return deleted


def _record_departure(session: ChatSession, *, now: datetime) -> bool:
    with transaction.atomic():
        # Guarded by last_seen_at: the visitor may have reconnected since the session was read.
        absent = ChatSession.objects.filter(
            pk=session.pk, left_at=None, ended_at=None, last_seen_at=session.last_seen_at
        )
        if not absent.update(left_at=now):
            return False
        _end_contact(session, "chat.left", by=Actor.for_visitor(session), at=session.last_seen_at)
    _continue_by_mail(session, now=now)
    return True


def _end_session(session: ChatSession, *, by: Actor, now: datetime, **fields: Any) -> bool:
    with transaction.atomic():
        not_ended = ChatSession.objects.filter(pk=session.pk).exclude(token_digest__startswith=ENDED_PREFIX)
        if not not_ended.update(ended_at=now, contact=None, **fields):
            return False
        _end_contact(session, "chat.ended", by=by, at=now)
    _continue_by_mail(session, now=now)
    return True


def _end_contact(session: ChatSession, kind: str, *, by: Actor, at: datetime) -> None:
    """End the live contact and record the event; nothing is recorded for a visitor who wrote nothing."""
    if session.ticket is None or session.contact_id is None:
        return
    details: dict[str, Any] = {
        "ticket": session.ticket,
        "by": by,
        "at": at,
        "channel": "chat",
        "contact_id": session.contact_id,
    }
    drafts = []
    if Contact.objects.filter(pk=session.contact_id, ended_at=None).update(ended_at=at):
        drafts.append(events.build_event("contact.end", **details, data={"is_live": True}))
    drafts.append(events.build_event(kind, **details, data={"session": session.pk}))
    events.record_many(*drafts)


def _continue_by_mail(session: ChatSession, *, now: datetime) -> None:
    """Mail the replies that the visitor has not seen, and acknowledge their request if it is unanswered."""
    ticket = session.ticket
    if ticket is None or not find_answer_address(ticket):
        return
    outbox.send_now(_find_unseen(session, ticket), now=now)
    acknowledgements = Outbound.objects.filter(ticket=ticket, kind=Outbound.Kind.ACKNOWLEDGEMENT)
    if ticket.waiting_since and not ticket.is_spam and not acknowledgements.exists():
        outbox.acknowledge_ticket(ticket, now=now)


def _find_unseen(session: ChatSession, ticket: Ticket) -> QuerySet[Outbound]:
    return Outbound.objects.filter(ticket=ticket, channel__slug="chat", message__seq__gt=session.seen_seq)


def _join_tickets(rows: QuerySet[ChatSession]) -> QuerySet[ChatSession]:
    return rows.select_related("ticket").order_by("last_seen_at")
