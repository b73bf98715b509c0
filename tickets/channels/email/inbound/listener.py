"""The SMTP and LMTP listeners: 250 once a mail is committed, 4xx if it cannot be stored; no relaying."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any, ClassVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from tickets.channels.email.bounded_smtp import BoundedLMTP, BoundedSMTP, ConnectionPool
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.models.channels.company_mailboxes import find_open_mailboxes

logger = logging.getLogger(__name__)

MAX_RECIPIENTS = 100
MAILS_HELD = 4  # mails of the largest size that all connections of a listener may buffer together


class Handler:
    """The handlers of SMTP commands, each of which returns the reply."""

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            known = await asyncio.to_thread(_is_ours, address)
        except DatabaseError:
            return "451 4.3.0 Try again in a moment"
        if not known:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await self._answer(session, envelope, list(envelope.rcpt_tos))

    async def _answer(self, session: Session, envelope: Envelope, recipients: list[str]) -> str:
        """Store the mail for these recipients, and return the reply line."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        facts = {
            "mail_from": (envelope.mail_from or "")[:320],
            "peer": str(session.peer[0]) if session.peer else "",
            "helo": str(session.host_name or "")[:250],
        }
        try:
            await asyncio.to_thread(_store, raw, recipients, facts)
        except LookupError:
            return "550 5.1.1 No such mailbox here"
        except Exception as error:
            logger.exception("mail not stored", extra={"error": type(error).__name__})
            return "451 4.3.0 Could not store the mail, try again later"
        return "250 2.0.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        logger.error("smtp session failed", extra={"error": type(error).__name__})
        return "451 4.3.0 Try again later"


class LmtpHandler(Handler):
    """The same with one reply per recipient (RFC 2033), since the mail may be stored for only some."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answers = [await self._answer(session, envelope, [to]) for to in envelope.rcpt_tos]
        return "\r\n".join(answers)


class Listener(Controller):
    """An SMTP server in a thread of its own."""

    handler_class: ClassVar[type[Handler]] = Handler
    protocol: ClassVar[type[BoundedSMTP]] = BoundedSMTP

    def __init__(self, hostname: str | None = None, port: int | None = None) -> None:
        super().__init__(
            self.handler_class(),
            hostname=hostname or settings.SMTP_BIND,
            port=settings.SMTP_PORT if port is None else port,
            ready_timeout=10,
            data_size_limit=settings.MAIL_MAX_BYTES,
            decode_data=False,
            enable_SMTPUTF8=True,
            ident="Tandem",
        )
        self.pool = ConnectionPool(max_bytes=MAILS_HELD * settings.MAIL_MAX_BYTES)

    def factory(self) -> SMTP:
        return self.protocol(self.handler, pool=self.pool, **self.SMTP_kwargs)


class LmtpListener(Listener):
    """An LMTP server in a thread of its own, for a mail server on the same machine or network."""

    handler_class = LmtpHandler
    protocol = BoundedLMTP


def run_forever(stop: threading.Event) -> None:
    """Listen until `stop` is set, also by LMTP if it has a port. Raises OSError if a port is in use."""
    listeners = [Listener()]
    if settings.LMTP_PORT:
        listeners.append(LmtpListener(port=settings.LMTP_PORT))
    try:
        for listener in listeners:
            listener.start()
        stop.wait()
    finally:
        for listener in listeners:
            if listener.server is not None:
                listener.stop()


def _is_ours(address: str) -> bool:
    close_old_connections()
    try:
        return bool(find_open_mailboxes([address]))
    finally:
        close_old_connections()


def _store(raw: bytes, recipients: list[str], facts: dict[str, Any]) -> None:
    close_old_connections()
    try:
        mailroom.accept(raw, recipients=recipients, now=database_now(), envelope=facts)
    finally:
        close_old_connections()
