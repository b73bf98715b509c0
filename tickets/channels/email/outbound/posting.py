"""Send a mail by the mailbox's own server, or else by the installation's server or provider."""

from __future__ import annotations

import contextlib
import smtplib
import socket
from collections.abc import Iterator
from datetime import datetime
from email.policy import SMTP

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage

from tickets.channels.email.mailboxes import oauth
from tickets.models import Channel, Mailbox
from tickets.models.channels.delivery_error import DeliveryError
from tickets.platform import safe_http
from tickets.platform.safe_http import Budget

TIMEOUT_SECONDS = 20.0  # for one read or write
SIGN_IN_SECONDS = 60.0  # for connecting and signing in together
MAX_ANSWER_BYTES = 1024 * 1024  # for all replies together
MIN_BYTES_A_SECOND = 20_000
# HTTP status codes that are no fault of the mail: our key is wrong, or the provider is busy.
TEMPORARY_STATUS = (401, 403, 408, 429)


def find_sending_mailbox(channel: Channel | None) -> Mailbox | None:
    """Return the mailbox whose own SMTP server sends for this channel, or None."""
    if channel is None:
        return None
    return Mailbox.objects.filter(channel=channel).exclude(smtp_host="").select_related("channel").first()


class NotSent(Exception):
    """A mail was not accepted; `error` has the server's reason, and whether to try again."""

    def __init__(self, error: DeliveryError) -> None:
        super().__init__(str(error))
        self.error = error


def send_mail(mail: EmailMessage, channel: Channel | None, *, now: datetime) -> str:
    """Send one mail; return the provider's id of it, or an empty text. Raises NotSent."""
    mailbox = find_sending_mailbox(channel)
    try:
        if mailbox is not None:
            send_by_mailbox(mail, mailbox, now=now)
        else:
            mail.send()
    except AnymailError as error:
        raise NotSent(_convert_provider_error(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(_convert_server_error(error)) from error
    recipients = getattr(getattr(mail, "anymail_status", None), "recipients", None) or {}
    return next((str(status.message_id) for status in recipients.values() if status.message_id), "")


def _convert_server_error(error: Exception) -> DeliveryError:
    """Return the delivery error for a mail server's refusal; a lost connection is temporary."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # Temporary: the mail can be sent once somebody has corrected our password.
        reason = "the mail server refuses our sign-in"
        return DeliveryError.temporary(reason, code=str(error.smtp_code), provider="smtp")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return DeliveryError.from_smtp(*_decode_reply(*next(iter(error.recipients.values()))))
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryError.from_smtp(*_decode_reply(error.smtp_code, error.smtp_error))
    return DeliveryError.from_exception(error, provider="smtp")


def _decode_reply(code: int, text: bytes | str) -> tuple[int, str]:
    return code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _convert_provider_error(error: AnymailError) -> DeliveryError:
    """Return the delivery error for a provider's response: permanent if it refuses this mail."""
    status = getattr(error, "status_code", None) or 0
    code, provider = str(status or ""), str(getattr(error, "esp_name", None) or "provider")
    is_refused = isinstance(error, AnymailRecipientsRefused) or (
        400 <= status < 500 and status not in TEMPORARY_STATUS
    )
    if is_refused:
        return DeliveryError.permanent(str(error), code=code, provider=provider)
    reason = f"the provider answered {status}" if status else type(error).__name__
    return DeliveryError.temporary(reason, code=code, provider=provider)


def send_by_mailbox(mail: EmailMessage, mailbox: Mailbox, *, now: datetime) -> None:
    """Send one mail by the mailbox's own server. Raises OSError, smtplib.SMTPException."""
    raw = mail.message(policy=SMTP).as_bytes()
    budget = Budget(SIGN_IN_SECONDS, max_bytes=MAX_ANSWER_BYTES)
    with open_smtp(mailbox, now=now, budget=budget) as client:
        budget.renew(SIGN_IN_SECONDS + len(raw) / MIN_BYTES_A_SECOND, max_bytes=MAX_ANSWER_BYTES)
        client.sendmail(mailbox.address, mail.recipients(), raw)


@contextlib.contextmanager
def open_smtp(mailbox: Mailbox, *, now: datetime, budget: Budget | None = None) -> Iterator[smtplib.SMTP]:
    """Connect, sign in if there are credentials, yield the client, and disconnect at the end.

    `budget` limits the time and bytes of the whole connection.

    Raises:
        OSError, smtplib.SMTPException: see `trouble.explain`.
    """
    host, port, security = mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security
    kind = _Tls if security == Mailbox.Security.TLS else _Plain
    budget = budget or Budget(SIGN_IN_SECONDS, max_bytes=MAX_ANSWER_BYTES)
    with kind(host, port, budget, in_clear=security == Mailbox.Security.NONE) as client:
        if security == Mailbox.Security.STARTTLS:
            client.starttls(context=safe_http.create_tls_context())
        client.ehlo_or_helo_if_needed()
        if mailbox.uses_oauth:
            credentials = oauth.build_xoauth2(mailbox.username, oauth.get_access_token(mailbox, now=now))
            client.auth("XOAUTH2", _XoauthReplies(credentials))
        elif mailbox.password and client.has_extn("auth"):
            client.login(mailbox.username, mailbox.password)
        yield client


class _XoauthReplies:
    """The client's side of XOAUTH2: first the credentials, then an empty reply to a challenge (an error)."""

    def __init__(self, credentials: str) -> None:
        self.credentials = credentials

    def __call__(self, challenge: bytes | None = None) -> str:
        return self.credentials if challenge is None else ""


class _Plain(smtplib.SMTP):
    """smtplib over a socket from `safe_http`."""

    def __init__(self, host: str, port: int, budget: Budget, *, in_clear: bool) -> None:
        self._budget, self._in_clear = budget, in_clear
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = safe_http.connect(host, port, budget=self._budget, secret_in_clear=self._in_clear)
        connected.settimeout(timeout)
        return connected


class _Tls(_Plain):
    """The same with TLS from the start."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return safe_http.create_tls_context().wrap_socket(plain, server_hostname=host)
