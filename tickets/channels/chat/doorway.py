"""What a window asks of the database, one call each: may it enter, who is it, how much has it said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tickets.actor import Actor
from tickets.channels.chat import frames, leaving, talking
from tickets.channels.chat import session as sessions
from tickets.channels.chat.origins import is_allowed, normalise
from tickets.clock import database_now
from tickets.customers.mail_addresses import find_request_network, find_scope_address, reduce_to_network
from tickets.limits import rate_limits
from tickets.models import Channel, ChatSession
from tickets.platform.crypto import digest
from tickets.promises import wait_question

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CONNECTS_A_MINUTE = 120  # per network, as the next two
SESSIONS_AN_HOUR = 120
NETWORK_MESSAGES_A_MINUTE = 240
MESSAGES_A_MINUTE = 40
EXCHANGES_A_MINUTE = 90  # of one window without a socket, which asks every three seconds
NETWORK_EXCHANGES_A_MINUTE = 5000  # as many windows as a network may have sockets, and what is said there
INTRODUCTIONS_AN_HOUR = 20
FILE_SECONDS = 300

Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Caller:
    """Where a window stands: its page's origin, the network it comes from, and what of ours it sees."""

    origin: str
    network: str
    own: tuple[str, ...]


def caller_of_scope(scope: Scope) -> Caller:
    """Return the caller behind a socket: a browser names the page's origin in its handshake."""
    headers = dict(scope.get("headers", ()))
    origin, host = (headers.get(name, b"").decode("latin-1") for name in (b"origin", b"host"))
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    own = (settings.PUBLIC_URL, f"{scheme}://{host}")
    return Caller(normalise(origin), reduce_to_network(find_scope_address(scope)), own)


def caller_of_request(request: HttpRequest) -> Caller:
    """Return the caller behind a request of a window without a socket."""
    own = (settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}")
    return Caller(normalise(request.headers.get("Origin", "")), find_request_network(request), own)


def enter(caller: Caller, key: str) -> Channel | None:
    """Return the channel of a socket, if the page's origin may use it and does not come too often."""
    channel = welcoming_channel(caller, key)
    limit = f"chat-connect:{caller.network}"
    if channel is None or not rate_limits.count_and_check(
        limit, limit=CONNECTS_A_MINUTE, per=MINUTE, now=database_now()
    ):
        return None
    return channel


def welcoming_channel(caller: Caller, key: str) -> Channel | None:
    """Return the open channel of a public key, if the page's origin may use it."""
    channel = channel_of(key)
    return channel if channel is not None and is_welcome(channel, caller.origin, own=caller.own) else None


def open_or_resume(caller: Caller, channel: Channel, frame: frames.Hello) -> tuple[ChatSession, str]:
    """Resume the session whose token the window has, or open a new one; return it and a new one's token.

    Raises:
        Unknown: the token fits nothing of this channel and page.
        PassIsOver: the pass of a request's page is too old.
        TooMany: too many new visitors from one network.
    """
    now, origin = database_now(), caller.origin
    if frame.token:
        return sessions.resume(channel, frame.token, origin=origin, page=frame.page, now=now), ""
    rate_limits.enforce_limit(f"chat-open:{caller.network}", limit=SESSIONS_AN_HOUR, per=HOUR, now=now)
    return sessions.open_session(
        channel,
        origin=origin,
        page=frame.page,
        language=frame.language,
        now=now,
        request_pass=frame.request,
    )


def count_message(caller: Caller, session: ChatSession) -> None:
    """Count one message. Raises TooMany."""
    now = database_now()
    rate_limits.enforce_limit(f"chat-say:{session.pk}", limit=MESSAGES_A_MINUTE, per=MINUTE, now=now)
    key = f"chat-say-from:{caller.network}"
    rate_limits.enforce_limit(key, limit=NETWORK_MESSAGES_A_MINUTE, per=MINUTE, now=now)


def count_exchange(caller: Caller, token: str) -> None:
    """Count one request of a window without a socket. Raises TooMany."""
    now, window = database_now(), token or caller.network
    rate_limits.enforce_limit(
        f"chat-exchange:{digest(window)[:32]}", limit=EXCHANGES_A_MINUTE, per=MINUTE, now=now
    )
    key = f"chat-exchange-from:{caller.network}"
    rate_limits.enforce_limit(key, limit=NETWORK_EXCHANGES_A_MINUTE, per=MINUTE, now=now)


def introduce(session: ChatSession, frame: frames.Introduce) -> None:
    """Keep the name and address a visitor typed. Raises TooMany."""
    now = database_now()
    rate_limits.enforce_limit(f"chat-introduce:{session.pk}", limit=INTRODUCTIONS_AN_HOUR, per=HOUR, now=now)
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
    query = talking.file_query(session.pk, public_id, until=until)
    path = reverse("chat:file", args=[session.channel.key, public_id]) if query else ""
    return f"{settings.PUBLIC_URL}{path}?{query}" if query else ""


def end(session: ChatSession) -> None:
    """End the chat at the visitor's wish."""
    present = ChatSession.objects.select_related("ticket").get(pk=session.pk)
    leaving.end(present, now=database_now())


def channel_of(key: str) -> Channel | None:
    """Return the open chat channel of a public key."""
    return Channel.objects.select_related("queue").filter(slug="chat", key=key, is_active=True).first()


def is_welcome(channel: Channel, origin: str, *, own: Iterable[str]) -> bool:
    """Tell whether pages of `origin` may use this channel (options: origins, a list; empty lets all in)."""
    return is_allowed(origin, own=own, listed=channel.options.get("origins") or [])
