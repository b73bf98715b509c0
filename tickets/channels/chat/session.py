"""One visitor's session: opened with a token, resumed by it, introduced by a name and an address."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.channels.chat import requests
from tickets.customers import claims
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.errors import NotFound
from tickets.models import Channel, ChatSession, Identity, Outbound, Ticket
from tickets.platform import crypto

RESUMABLE = timedelta(days=14)
AWAITED = timedelta(days=7)
OVER = "over:"  # stands before the digest's place once a visitor has ended the chat: no token fits


class Unknown(NotFound):
    """The token is wrong, too old, of another page or of a chat that was ended."""

    code = "session_unknown"
    sentence = _("This chat is over. Write again to start another one.")


def open_session(
    channel: Channel, *, origin: str, page: str, language: str, now: datetime, request_pass: str = ""
) -> tuple[ChatSession, str]:
    """Return a new session and its token, which is told once and kept as a digest only.

    With the pass of a request's page it is a chat of that request's participant. Raises PassIsOver.
    """
    participant, link = requests.read_pass(request_pass) if request_pass else (None, None)
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


def resume(channel: Channel, token: str, *, origin: str, page: str, now: datetime) -> ChatSession:
    """Return the session of `token`, present again. Raises Unknown when it opens nothing here."""
    mine = ChatSession.objects.filter(channel=channel, token_digest=crypto.digest(token), origin=origin)
    fresh = mine.filter(last_seen_at__gt=now - RESUMABLE)
    if not fresh.update(last_seen_at=now, left_at=None, ended_at=None, page=page):
        raise Unknown
    session = mine.select_related("channel").first()
    if session is None:
        raise Unknown
    return session


def still_here(session_ids: Collection[int], *, now: datetime) -> int:
    """Note that the visitors of these sessions are connected; return how many there are."""
    present = ChatSession.objects.filter(pk__in=session_ids).exclude(token_digest__startswith=OVER)
    return present.update(last_seen_at=now, left_at=None)


def mark_seen(session: ChatSession, seq: int, *, now: datetime) -> bool:
    """Note up to where the visitor has read; replies they have seen need no mail."""
    changed = ChatSession.objects.filter(
        pk=session.pk, seen_seq__lt=seq, ticket__isnull=False, ticket__last_seq__gte=seq
    ).update(seen_seq=seq)
    if changed:
        waiting = Outbound.objects.filter(ticket__chat_sessions=session.pk, channel__slug="chat")
        outbox.send_now(waiting.filter(message__seq__lte=seq), now=now)
    return bool(changed)


def introduce(session: ChatSession, *, name: str, email: str, now: datetime) -> None:
    """Keep how the visitor wants to be called and answered. It proves nothing and shows them nothing."""
    with transaction.atomic():
        session = ChatSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
        if session.participant_id is not None:
            return  # who they are was proved; what is typed here would only be a claim
        session.name, session.email = name or session.name, email or session.email
        session.save(update_fields=["name", "email"])
        if session.ticket is None:
            return
        person = session.ticket.customer
        if session.name and not person.name:
            person.name = session.name
            person.save(update_fields=["name"])
        give_address(session, session.ticket, now=now)


def give_address(session: ChatSession, ticket: Ticket, *, now: datetime) -> None:
    """Answer this ticket's requester at the address the visitor typed, unless a proved one is known.

    It is a claim on this ticket: nobody becomes the address's owner by typing.
    """
    if session.email:
        by = Actor.for_visitor(session)
        claims.add_claim(ticket, Identity.Kind.EMAIL, session.email, by=by, now=now)


def sessions_of(ticket: Ticket) -> QuerySet[ChatSession]:
    """Return the chats that lead to a ticket, or to one merged into it, and were not ended by the visitor."""
    return ChatSession.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket)).exclude(
        token_digest__startswith=OVER
    )


def takes_replies(ticket: Ticket) -> bool:
    """Tell whether a reply should appear in the chat: the visitor is there, or can only be reached there."""
    sessions = sessions_of(ticket)
    if sessions.filter(left_at=None, ended_at=None).exists():
        return True
    return not answer_address(ticket) and sessions.filter(last_seen_at__gt=Now() - AWAITED).exists()


def answer_address(ticket: Ticket) -> str:
    """Return the mail address the requester can be answered at, or an empty text."""
    return find_recipients(ticket).address
