"""One visitor's session: opened with a token, resumed by it, with the name and address they typed."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.channels.chat import request_pass
from tickets.customers import claims
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.errors import NotFound
from tickets.models import Channel, ChatSession, Identity, Outbound, Ticket
from tickets.platform import crypto

RESUMABLE = timedelta(days=14)
RETURN_WINDOW = timedelta(days=7)
ENDED_PREFIX = "over:"  # replaces the token's digest once a visitor has ended the chat, so no token matches


class Unknown(NotFound):
    """The token is wrong, expired, of another origin, or of a chat that the visitor has ended."""

    code = "session_unknown"
    sentence = _("This chat is over. Write again to start another one.")


def open_session(
    channel: Channel, *, origin: str, page: str, language: str, now: datetime, page_pass: str = ""
) -> tuple[ChatSession, str]:
    """Create a session; return it and its token, of which only a digest is stored.

    With `page_pass`, the pass of a request's page, the session belongs to that request's participant.

    Raises:
        PassIsOver: the pass is expired or not genuine.
    """
    participant, link = request_pass.read_pass(page_pass) if page_pass else (None, None)
    token = secrets.token_urlsafe(32)
    session = ChatSession.objects.create(
        channel=channel,
        token_digest=crypto.digest(token),
        origin=origin[:250],
        page=page,
        language=language if language in ("en", "fr") else channel.language,
        participant=participant,
        link=link,
        name=participant.customer.name[:120] if participant else "",
        opened_at=now,
        last_seen_at=now,
    )
    return session, token


def resume_session(channel: Channel, token: str, *, origin: str, page: str, now: datetime) -> ChatSession:
    """Mark the session of `token` as present again and return it.

    Raises:
        Unknown: this channel and origin has no such session, or it was last seen over 14 days ago.
    """
    matching = ChatSession.objects.filter(channel=channel, token_digest=crypto.digest(token), origin=origin)
    resumable = matching.filter(last_seen_at__gt=now - RESUMABLE)
    if not resumable.update(last_seen_at=now, left_at=None, ended_at=None, page=page):
        raise Unknown
    session = matching.select_related("channel").first()
    if session is None:
        raise Unknown
    return session


def mark_connected(session_ids: Collection[int], *, now: datetime) -> int:
    """Record that the visitors of these sessions are connected; return the number of rows changed."""
    sessions = ChatSession.objects.filter(pk__in=session_ids).exclude(token_digest__startswith=ENDED_PREFIX)
    return sessions.update(last_seen_at=now, left_at=None)


def mark_seen(session: ChatSession, seq: int, *, now: datetime) -> bool:
    """Record the last message the visitor has seen; return False if that is not new.

    Delivery of the seen replies is hastened, so that they count as sent and are not mailed.
    """
    changed = ChatSession.objects.filter(
        pk=session.pk, seen_seq__lt=seq, ticket__isnull=False, ticket__last_seq__gte=seq
    ).update(seen_seq=seq)
    if changed:
        replies = Outbound.objects.filter(ticket__chat_sessions=session.pk, channel__slug="chat")
        outbox.send_now(replies.filter(message__seq__lte=seq), now=now)
    return bool(changed)


def save_introduction(session: ChatSession, *, name: str, email: str, now: datetime) -> None:
    """Save the name and mail address that the visitor typed. Neither is verified, nor gives any access."""
    with transaction.atomic():
        session = ChatSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
        if session.participant_id is not None:
            return  # a participant's identity is verified already; typed values would only be claims
        session.name, session.email = name or session.name, email or session.email
        session.save(update_fields=["name", "email"])
        if session.ticket is None:
            return
        person = session.ticket.customer
        if session.name and not person.name:
            person.name = session.name
            person.save(update_fields=["name"])
        claim_address(session, session.ticket, now=now)


def claim_address(session: ChatSession, ticket: Ticket, *, now: datetime) -> None:
    """Add the address that the visitor typed to the ticket's customer, as a claim.

    Replies go there unless a verified address is known. Typing an address does not make it the visitor's.
    """
    if session.email:
        by = Actor.for_visitor(session)
        claims.add_claim(ticket, Identity.Kind.EMAIL, session.email, by=by, now=now)


def find_sessions(ticket: Ticket) -> QuerySet[ChatSession]:
    """Return the sessions of a ticket, or of one merged into it, that their visitors have not ended."""
    return ChatSession.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket)).exclude(
        token_digest__startswith=ENDED_PREFIX
    )


def accepts_replies(ticket: Ticket) -> bool:
    """Return whether a reply should go into the chat.

    It should if the visitor is connected, or has no mail address and was seen in the last seven days.
    """
    sessions = find_sessions(ticket)
    if sessions.filter(left_at=None, ended_at=None).exists():
        return True
    return (
        not find_answer_address(ticket) and sessions.filter(last_seen_at__gt=Now() - RETURN_WINDOW).exists()
    )


def find_answer_address(ticket: Ticket) -> str:
    """Return the mail address for replies to the requester, or an empty text."""
    return find_recipients(ticket).address
