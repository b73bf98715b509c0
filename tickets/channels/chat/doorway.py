"""What a socket asks of the database, one call each: may it enter, who is it, how much has it said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from tickets.actor import Actor
from tickets.channels.chat import frames, leaving, talking
from tickets.channels.chat import session as sessions
from tickets.channels.chat.origins import is_allowed, normalise
from tickets.clock import database_now
from tickets.customers.mail_addresses import network, scope_address
from tickets.limits import rate_limits
from tickets.models import Channel, ChatSession
from tickets.promises import wait_question

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CONNECTS_A_MINUTE = 120  # per network, as the next two
SESSIONS_AN_HOUR = 120
NETWORK_MESSAGES_A_MINUTE = 240
MESSAGES_A_MINUTE = 40
INTRODUCTIONS_AN_HOUR = 20
FILE_SECONDS = 300

Scope = Mapping[str, Any]


def enter(scope: Scope) -> Channel | None:
    """Return the channel of this socket, if the page's origin may use it and does not come too often."""
    channel = channel_of(scope["url_route"]["kwargs"]["key"])
    if channel is None or not is_welcome(channel, origin_of(scope), own=_own_origins(scope)):
        return None
    key = f"chat-connect:{network(scope_address(scope))}"
    return channel if rate_limits.hit(key, limit=CONNECTS_A_MINUTE, per=MINUTE, now=database_now()) else None


def open_or_resume(scope: Scope, channel: Channel, frame: frames.Hello) -> tuple[ChatSession, str]:
    """Resume the session whose token the window has, or open a new one; return it and a new one's token.

    Raises:
        Unknown: the token fits nothing of this channel and page.
        TooMany: too many new visitors from one network.
    """
    now, origin = database_now(), origin_of(scope)
    if frame.token:
        return sessions.resume(channel, frame.token, origin=origin, page=frame.page, now=now), ""
    key = f"chat-open:{network(scope_address(scope))}"
    rate_limits.demand(key, limit=SESSIONS_AN_HOUR, per=HOUR, now=now)
    return sessions.open_session(channel, origin=origin, page=frame.page, language=frame.language, now=now)


def count_message(scope: Scope, session: ChatSession) -> None:
    """Count one message. Raises TooMany."""
    now = database_now()
    rate_limits.demand(f"chat-say:{session.pk}", limit=MESSAGES_A_MINUTE, per=MINUTE, now=now)
    key = f"chat-say-from:{network(scope_address(scope))}"
    rate_limits.demand(key, limit=NETWORK_MESSAGES_A_MINUTE, per=MINUTE, now=now)


def introduce(session: ChatSession, frame: frames.Introduce) -> None:
    """Keep the name and address a visitor typed. Raises TooMany."""
    now = database_now()
    rate_limits.demand(f"chat-introduce:{session.pk}", limit=INTRODUCTIONS_AN_HOUR, per=HOUR, now=now)
    sessions.introduce(session, name=frame.name, email=frame.email, now=now)


def choose(session: ChatSession, frame: frames.Choose) -> None:
    """Take the visitor's answer to a question of the window. Raises Invalid when it is no longer asked."""
    present = ChatSession.objects.select_related("ticket").get(pk=session.pk)
    if present.ticket is not None:
        by, now = Actor.for_visitor(present), database_now()
        wait_question.answer_question(present.ticket, frame.key, frame.option, by=by, now=now)


def file_address(session: ChatSession, public_id: str) -> str:
    """Return an address that opens one file of this chat for five minutes, or an empty text."""
    until = int(database_now().timestamp()) + FILE_SECONDS
    query = talking.file_query(session, public_id, until=until)
    path = reverse("chat:file", args=[session.channel.key, public_id]) if query else ""
    return f"{settings.PUBLIC_URL}{path}?{query}" if query else ""


def end(session: ChatSession) -> None:
    """End the chat at the visitor's wish."""
    present = ChatSession.objects.select_related("ticket").get(pk=session.pk)
    leaving.end(present, now=database_now())


def channel_of(key: str) -> Channel | None:
    """Return the open chat channel of a public key."""
    return Channel.objects.select_related("queue").filter(slug="chat", key=key, is_active=True).first()


def is_welcome(channel: Channel, origin: str, *, own: list[str]) -> bool:
    """Tell whether pages of `origin` may use this channel (options: origins, a list; empty lets all in)."""
    return is_allowed(origin, own=own, listed=channel.options.get("origins") or [])


def origin_of(scope: Scope) -> str:
    """Return the origin a browser names in its handshake, in one form."""
    headers = dict(scope.get("headers", ()))
    return normalise(headers.get(b"origin", b"").decode("latin-1"))


def _own_origins(scope: Scope) -> list[str]:
    headers = dict(scope.get("headers", ()))
    host = headers.get(b"host", b"").decode("latin-1")
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return [settings.PUBLIC_URL, f"{scheme}://{host}"]
