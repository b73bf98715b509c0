"""An authenticated IMAP connection to a mailbox: public address, valid certificate, limited responses."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from tickets.channels.email.mailboxes import oauth
from tickets.channels.email.mailboxes.trouble import SignInEnded
from tickets.models import Mailbox
from tickets.platform import safe_http
from tickets.platform.safe_http import Budget

SIGN_IN_SECONDS, COMMAND_SECONDS = 60.0, 600.0  # in total, even if the server keeps sending slowly
CONNECT_SECONDS, READ_SECONDS = 15.0, 60.0  # for one read from the socket
MAX_LINE = 20_000_000  # the response to a search in a very large folder is one line


class Client(IMAPClient):
    """IMAPClient over sockets from `safe_http`, with a budget of time and bytes."""

    def __init__(self, mailbox: Mailbox, *, budget: Budget, wait: float) -> None:
        self._budget = budget
        self._in_clear = mailbox.imap_security == Mailbox.Security.NONE
        super().__init__(
            mailbox.imap_host,
            mailbox.imap_port,
            ssl=mailbox.imap_security == Mailbox.Security.TLS,
            ssl_context=safe_http.create_tls_context(),
            timeout=SocketTimeout(CONNECT_SECONDS, wait),
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  (imapclient's name)
        context = self.ssl_context if self.ssl else None
        return _Plain(self.host, self.port, context, self._budget, in_clear=self._in_clear)

    def renew_with_each_command(self) -> None:
        """Give each command a new budget from now on, because a reader stays connected for days."""
        self._imap.renews = True


@contextlib.contextmanager
def open_imap(
    mailbox: Mailbox, *, now: datetime, wait: float = READ_SECONDS, budget: Budget | None = None
) -> Iterator[Client]:
    """Connect and sign in, yield the client, and sign out at the end.

    `wait` is in seconds, for one read from the socket. `budget` limits the whole connection; by default,
    signing in and each command have a budget of their own.

    Raises:
        OSError, imapclient.exceptions.IMAPClientError: see `trouble.explain`.
    """
    client = Client(mailbox, budget=budget or Budget(SIGN_IN_SECONDS, max_bytes=_get_max_bytes()), wait=wait)
    with client:
        if mailbox.imap_security == Mailbox.Security.STARTTLS:
            client.starttls(safe_http.create_tls_context())
        if mailbox.uses_oauth:
            _sign_in_by_token(client, mailbox.username, oauth.get_access_token(mailbox, now=now))
        else:
            client.login(mailbox.username, mailbox.password)
        client.normalise_times = False
        if budget is None:
            client.renew_with_each_command()
        yield client


def _get_max_bytes() -> int:
    """Return the bytes that one command may receive: one large mail or a batch, and two long lines."""
    return settings.MAIL_MAX_BYTES + 2 * MAX_LINE


def _sign_in_by_token(client: Client, username: str, token: str) -> None:
    try:
        client.oauth2_login(username, token)
    except LoginError as error:
        raise SignInEnded(str(error)) from error


class _Plain(imaplib.IMAP4):
    """imaplib over a socket from `safe_http`, wrapped in TLS if a context is given."""

    renews = False

    def __init__(
        self, host: str, port: int, context: ssl.SSLContext | None, budget: Budget, *, in_clear: bool
    ) -> None:
        self._context, self._budget, self._in_clear = context, budget, in_clear
        super().__init__(host, port, timeout=CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None = None) -> ssl.SSLSocket:
        plain = safe_http.connect(self.host, self.port, budget=self._budget, secret_in_clear=self._in_clear)
        plain.settimeout(timeout or CONNECT_SECONDS)
        if self._context is None:
            return plain  # type: ignore[return-value]
        return self._context.wrap_socket(plain, server_hostname=self.host)

    def send(self, data: bytes) -> None:  # type: ignore[override]  # imaplib's stub takes any buffer
        if self.renews:
            self._budget.renew(COMMAND_SECONDS, max_bytes=_get_max_bytes())
        super().send(data)

    def read(self, size: int) -> bytes:
        if size > settings.MAIL_MAX_BYTES + 1024 * 1024:
            raise self.abort("the server announces more than was asked for")
        return super().read(size)

    def readline(self) -> bytes:
        line: bytes = self.file.readline(MAX_LINE + 1)  # type: ignore[assignment]
        if len(line) > MAX_LINE:
            raise self.abort("the server's line does not end")
        return line
