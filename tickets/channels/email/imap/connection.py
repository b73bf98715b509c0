"""A signed-in IMAP connection to a mailbox: guarded address, checked certificate, bounded answers."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from tickets import outgoing
from tickets.channels.email import oauth
from tickets.channels.email.trouble import NotEncrypted, SignInEnded
from tickets.models import Mailbox

CONNECT_SECONDS, READ_SECONDS = 15.0, 60.0
MAX_LINE = 20_000_000  # a search's answer in a very large folder is one line


class Client(IMAPClient):
    """IMAPClient over our own guarded sockets."""

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  (imapclient's name)
        return _Plain(self.host, self.port, self.ssl_context if self.ssl else None)


@contextlib.contextmanager
def signed_in(mailbox: Mailbox, *, now: datetime, wait: float = READ_SECONDS) -> Iterator[Client]:
    """Connect and sign in; sign out at the end, whatever happened.

    Raises:
        OSError, imapclient.exceptions.IMAPClientError: `trouble.explain` says what they mean.
    """
    if mailbox.imap_security == Mailbox.Security.NONE and not outgoing.is_private(
        mailbox.imap_host, mailbox.imap_port
    ):
        raise NotEncrypted(mailbox.imap_host)
    is_tls = mailbox.imap_security == Mailbox.Security.TLS
    client = Client(
        mailbox.imap_host,
        mailbox.imap_port,
        ssl=is_tls,
        ssl_context=outgoing.tls_context(),
        timeout=SocketTimeout(CONNECT_SECONDS, wait),
    )
    with client:
        if mailbox.imap_security == Mailbox.Security.STARTTLS:
            client.starttls(outgoing.tls_context())
        if mailbox.uses_oauth:
            _sign_in_by_token(client, mailbox.username, oauth.access_token(mailbox, now=now))
        else:
            client.login(mailbox.username, mailbox.password)
        client.normalise_times = False
        yield client


def _sign_in_by_token(client: Client, username: str, token: str) -> None:
    try:
        client.oauth2_login(username, token)
    except LoginError as error:
        raise SignInEnded(str(error)) from error


class _Plain(imaplib.IMAP4):
    """imaplib over a guarded socket, wrapped in TLS when a context is given."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(host, port, timeout=CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None = None) -> ssl.SSLSocket:
        plain = outgoing.connect(self.host, self.port, timeout=timeout or CONNECT_SECONDS)
        if self._context is None:
            return plain  # type: ignore[return-value]
        return self._context.wrap_socket(plain, server_hostname=self.host)

    def read(self, size: int) -> bytes:
        if size > settings.MAIL_MAX_BYTES + 1024 * 1024:
            raise self.abort("the server announces more than was asked for")
        return super().read(size)

    def readline(self) -> bytes:
        line: bytes = self.file.readline(MAX_LINE + 1)  # type: ignore[assignment]
        if len(line) > MAX_LINE:
            raise self.abort("the server's line does not end")
        return line
