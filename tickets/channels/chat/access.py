"""What a widget may do: admission by origin, sessions, rate limits, and one function for each request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tickets.actor import Actor
from tickets.channels.chat import conversation, departures, frames
from tickets.channels.chat import session as sessions
from tickets.channels.chat.origins import is_allowed, normalise
from tickets.clock import database_now
from tickets.customers.mail_addresses import find_request_network, find_scope_address, reduce_to_network
from tickets.limits import rate_limits
from tickets.models import Channel, ChatSession
from tickets.platform.crypto import digest
from tickets.promises import wait_question

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CONNECTS_A_MINUTE = 120  # for each reduce_to_network, like the next two
SESSIONS_AN_HOUR = 120
NETWORK_MESSAGES_A_MINUTE = 240
MESSAGES_A_MINUTE = 40
EXCHANGES_A_MINUTE = 90  # for one widget without a socket, which polls every three seconds
NETWORK_EXCHANGES_A_MINUTE = 5000  # for as many polling widgets as a network may have sockets
INTRODUCTIONS_AN_HOUR = 20
FILE_SECONDS = 300

Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who calls: the origin of the widget's page, the client's reduce_to_network, and our own origins."""

    origin: str
    network: str
    own: tuple[str, ...]


def read_socket_caller(scope: Scope) -> Caller:
    """Return the caller of a socket; browsers send the page's origin in the handshake."""
    headers = dict(scope.get("headers", ()))
    origin, host = (headers.get(name, b"").decode("latin-1") for name in (b"origin", b"host"))
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    own = (settings.PUBLIC_URL, f"{scheme}://{host}")
    return Caller(normalise(origin), reduce_to_network(find_scope_address(scope)), own)


def read_request_caller(request: HttpRequest) -> Caller:
    """Return the caller of an HTTP request, made by a widget without a socket."""
    own = (settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}")
    return Caller(normalise(request.headers.get("Origin", "")), find_request_network(request), own)


def admit_socket(caller: Caller, key: str) -> Channel | None:
    """Return the channel for a new socket; None if the origin is not allowed or connects too often."""
    channel = find_allowed_channel(caller, key)
    limit = f"chat-connect:{caller.network}"
    if channel is None or not rate_limits.count_and_check(
        limit, limit=CONNECTS_A_MINUTE, per=MINUTE, now=database_now()
    ):
        return None
    return channel


def find_allowed_channel(caller: Caller, key: str) -> Channel | None:
    """Return the active channel with this public key; None if there is none or the origin is not allowed."""
    channel = find_channel(key)
    return (
        channel if channel is not None and is_origin_allowed(channel, caller.origin, own=caller.own) else None
    )


def open_or_resume(caller: Caller, channel: Channel, frame: frames.Hello) -> tuple[ChatSession, str]:
    """Resume the session of the widget's token, or open a new one; return it with a new session's token.

    Raises:
        Unknown: no session of this channel and origin has this token.
        PassIsOver: the pass of a request's page has expired.
        TooMany: too many new sessions from one network.
    """
    now, origin = database_now(), caller.origin
    if frame.token:
        return sessions.resume_session(channel, frame.token, origin=origin, page=frame.page, now=now), ""
    rate_limits.enforce_limit(f"chat-open:{caller.network}", limit=SESSIONS_AN_HOUR, per=HOUR, now=now)
    return sessions.open_session(
        channel,
        origin=origin,
        page=frame.page,
        language=frame.language,
        now=now,
        page_pass=frame.request,
    )


def count_message(caller: Caller, session: ChatSession) -> None:
    """Count a message against the limits of its session and network. Raises TooMany."""
    now = database_now()
    rate_limits.enforce_limit(f"chat-say:{session.pk}", limit=MESSAGES_A_MINUTE, per=MINUTE, now=now)
    key = f"chat-say-from:{caller.network}"
    rate_limits.enforce_limit(key, limit=NETWORK_MESSAGES_A_MINUTE, per=MINUTE, now=now)


def count_exchange(caller: Caller, token: str) -> None:
    """Count a poll against the limits of its session and network. Raises TooMany."""
    now, poller = database_now(), token or caller.network
    rate_limits.enforce_limit(
        f"chat-exchange:{digest(poller)[:32]}", limit=EXCHANGES_A_MINUTE, per=MINUTE, now=now
    )
    key = f"chat-exchange-from:{caller.network}"
    rate_limits.enforce_limit(key, limit=NETWORK_EXCHANGES_A_MINUTE, per=MINUTE, now=now)


def save_introduction(session: ChatSession, frame: frames.Introduce) -> None:
    """Save the name and mail address that a visitor typed. Raises TooMany."""
    now = database_now()
    rate_limits.enforce_limit(f"chat-introduce:{session.pk}", limit=INTRODUCTIONS_AN_HOUR, per=HOUR, now=now)
    sessions.save_introduction(session, name=frame.name, email=frame.email, now=now)


def answer_question(session: ChatSession, frame: frames.Choose) -> None:
    """Record the visitor's answer to the question in the widget. Raises Invalid if it is no longer asked."""
    current = ChatSession.objects.select_related("ticket").get(pk=session.pk)
    if current.ticket is not None:
        by, now = Actor.for_visitor(current), database_now()
        wait_question.answer_question(current.ticket, frame.key, frame.option, by=by, now=now)


def build_file_url(session: ChatSession, public_id: str) -> str:
    """Return a signed URL of one file of this chat, valid for five minutes; empty if it has no such file."""
    until = int(database_now().timestamp()) + FILE_SECONDS
    query = conversation.sign_file_query(session.pk, public_id, until=until)
    path = reverse("chat:file", args=[session.channel.key, public_id]) if query else ""
    return f"{settings.PUBLIC_URL}{path}?{query}" if query else ""


def end_chat(session: ChatSession) -> None:
    """End the chat because the visitor asked for it."""
    current = ChatSession.objects.select_related("ticket").get(pk=session.pk)
    departures.end_chat(current, now=database_now())


def find_channel(key: str) -> Channel | None:
    """Return the active chat channel with this public key, or None."""
    return Channel.objects.select_related("queue").filter(slug="chat", key=key, is_active=True).first()


def is_origin_allowed(channel: Channel, origin: str, *, own: Iterable[str]) -> bool:
    """Return whether pages of `origin` may use this channel (its option `origins`, a list; empty for all)."""
    return is_allowed(origin, own=own, listed=channel.options.get("origins") or [])
