"""Visitors who leave, fall silent or end the chat: what they asked keeps waiting and goes on by mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.channels.chat.session import OVER, answer_address
from tickets.delivery import outbox
from tickets.models import ChatSession, Contact, Message, Outbound, Ticket

GONE_AFTER = timedelta(seconds=60)
SILENT_AFTER = timedelta(minutes=30)
UNUSED_AFTER = timedelta(days=2)


def leave_absent(now: datetime, *, limit: int = 200) -> int:
    """Let go whoever has been unconnected for a minute; return how many have left."""
    absent = ChatSession.objects.filter(left_at=None, ended_at=None, last_seen_at__lt=now - GONE_AFTER)
    return sum(_leave(session, now=now) for session in _with_ticket(absent)[:limit])


def end_silent(now: datetime, *, limit: int = 200) -> int:
    """End chats nobody has written in for half an hour, and those left as long ago; return how many.

    A visitor who is there and waits for our answer is not silent: we are.
    """
    since = now - SILENT_AFTER
    spoken = Message.objects.filter(ticket=OuterRef("ticket"), created_at__gte=since)
    words = Exists(spoken.exclude(kind=Message.Kind.NOTE))
    silent = Q(contact__isnull=False, contact__started_at__lt=since, ticket__waiting_since=None)
    over = ChatSession.objects.filter(ended_at=None).filter(Q(left_at__lt=since) | Q(silent, ~words))
    return sum(_end(session, by=SYSTEM, now=now) for session in _with_ticket(over)[:limit])


def end(session: ChatSession, *, now: datetime) -> bool:
    """End a chat at the visitor's wish: the token opens nothing any more, an open question stays with us."""
    digest = f"{OVER}{session.public_id}"
    return _end(session, by=Actor.for_visitor(session), now=now, token_digest=digest, left_at=now)


def forget_unused(now: datetime) -> int:
    """Delete sessions in which nothing was ever said; return how many."""
    unused = ChatSession.objects.filter(ticket=None, last_seen_at__lt=now - UNUSED_AFTER)
    deleted, _rows = unused.delete()
    return deleted


def _leave(session: ChatSession, *, now: datetime) -> bool:
    with transaction.atomic():
        gone = ChatSession.objects.filter(
            pk=session.pk, left_at=None, ended_at=None, last_seen_at=session.last_seen_at
        )
        if not gone.update(left_at=now):
            return False
        _end_contact(session, "chat.left", by=Actor.for_visitor(session), at=session.last_seen_at)
    _go_on_by_mail(session, now=now)
    return True


def _end(session: ChatSession, *, by: Actor, now: datetime, **fields: Any) -> bool:
    with transaction.atomic():
        present = ChatSession.objects.filter(pk=session.pk).exclude(token_digest__startswith=OVER)
        if not present.update(ended_at=now, contact=None, **fields):
            return False
        _end_contact(session, "chat.ended", by=by, at=now)
    _go_on_by_mail(session, now=now)
    return True


def _end_contact(session: ChatSession, kind: str, *, by: Actor, at: datetime) -> None:
    """End the live contact and say so in the log; a visitor who has said nothing leaves no trace there."""
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


def _go_on_by_mail(session: ChatSession, *, now: datetime) -> None:
    """Send what the visitor has not seen to their address; tell who waits unanswered that we have it."""
    ticket = session.ticket
    if ticket is None or not answer_address(ticket):
        return
    outbox.send_now(_unseen(session, ticket), now=now)
    thanks = Outbound.objects.filter(ticket=ticket, kind=Outbound.Kind.ACKNOWLEDGEMENT)
    if ticket.waiting_since and not ticket.is_spam and not thanks.exists():
        outbox.acknowledge_ticket(ticket, now=now)


def _unseen(session: ChatSession, ticket: Ticket) -> QuerySet[Outbound]:
    return Outbound.objects.filter(ticket=ticket, channel__slug="chat", message__seq__gt=session.seen_seq)


def _with_ticket(rows: QuerySet[ChatSession]) -> QuerySet[ChatSession]:
    return rows.select_related("ticket").order_by("last_seen_at")
