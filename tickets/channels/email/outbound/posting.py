"""Hand a mail over: to the mailbox's own server, else to the installation's, or to its provider."""

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

TIMEOUT_SECONDS = 20.0  # for one step
SIGN_IN_SECONDS = 60.0  # for all steps together
MAX_ANSWER_BYTES = 1024 * 1024  # of all answers together
SLOWEST_BYTES_A_SECOND = 20_000
# HTTP: our key is at fault, or the provider is busy; the mail is not.
PASSING_STATUS = (401, 403, 408, 429)


def mailbox_of(channel: Channel | None) -> Mailbox | None:
    """Return the mailbox whose own server sends for this channel, if it has one."""
    if channel is None:
        return None
    return Mailbox.objects.filter(channel=channel).exclude(smtp_host="").select_related("channel").first()


class NotSent(Exception):
    """A mail was not taken; `error` says by whom, why, and whether it may be tried again."""

    def __init__(self, error: DeliveryError) -> None:
        super().__init__(str(error))
        self.error = error


def send(mail: EmailMessage, channel: Channel | None, *, now: datetime) -> str:
    """Send one mail; return the provider's own id of it, if there is a provider. Raises NotSent."""
    mailbox = mailbox_of(channel)
    try:
        if mailbox is not None:
            post(mail, mailbox, now=now)
        else:
            mail.send()
    except AnymailError as error:
        raise NotSent(_of_provider(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(_of_server(error)) from error
    told = getattr(getattr(mail, "anymail_status", None), "recipients", None) or {}
    return next((str(each.message_id) for each in told.values() if each.message_id), "")


def _of_server(error: Exception) -> DeliveryError:
    """Return what a mail server's refusal means; a broken connection is temporary."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # Our password is at fault, not the mail: it waits until somebody has put that right.
        said = "the mail server refuses our sign-in"
        return DeliveryError.temporary(said, code=str(error.smtp_code), provider="smtp")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return DeliveryError.from_smtp(*_answer(*next(iter(error.recipients.values()))))
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryError.from_smtp(*_answer(error.smtp_code, error.smtp_error))
    return DeliveryError.from_exception(error, provider="smtp")


def _answer(code: int, text: bytes | str) -> tuple[int, str]:
    return code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _of_provider(error: AnymailError) -> DeliveryError:
    """Return what a provider's answer means: it refuses the mail, or cannot take any just now."""
    status = getattr(error, "status_code", None) or 0
    code, provider = str(status or ""), str(getattr(error, "esp_name", None) or "provider")
    is_refused = isinstance(error, AnymailRecipientsRefused) or (
        400 <= status < 500 and status not in PASSING_STATUS
    )
    if is_refused:
        return DeliveryError.permanent(str(error), code=code, provider=provider)
    said = f"the provider answered {status}" if status else type(error).__name__
    return DeliveryError.temporary(said, code=code, provider=provider)


def post(mail: EmailMessage, mailbox: Mailbox, *, now: datetime) -> None:
    """Hand one mail over. Raises OSError, smtplib.SMTPException."""
    raw = mail.message(policy=SMTP).as_bytes()
    budget = Budget(SIGN_IN_SECONDS, max_bytes=MAX_ANSWER_BYTES)
    with signed_in(mailbox, now=now, budget=budget) as client:
        budget.renew(SIGN_IN_SECONDS + len(raw) / SLOWEST_BYTES_A_SECOND, max_bytes=MAX_ANSWER_BYTES)
        client.sendmail(mailbox.address, mail.recipients(), raw)


@contextlib.contextmanager
def signed_in(mailbox: Mailbox, *, now: datetime, budget: Budget | None = None) -> Iterator[smtplib.SMTP]:
    """Connect and sign in, when there is anything to sign in with; leave at the end.

    `budget` is for everything that the server can make us wait for.

    Raises:
        OSError, smtplib.SMTPException: `trouble.explain` says what they mean.
    """
    host, port, security = mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security
    kind = _Tls if security == Mailbox.Security.TLS else _Plain
    budget = budget or Budget(SIGN_IN_SECONDS, max_bytes=MAX_ANSWER_BYTES)
    with kind(host, port, budget, in_clear=security == Mailbox.Security.NONE) as client:
        if security == Mailbox.Security.STARTTLS:
            client.starttls(context=safe_http.create_tls_context())
        client.ehlo_or_helo_if_needed()
        if mailbox.uses_oauth:
            words = oauth.xoauth2(mailbox.username, oauth.access_token(mailbox, now=now))
            client.auth("XOAUTH2", _Answers(words))
        elif mailbox.password and client.has_extn("auth"):
            client.login(mailbox.username, mailbox.password)
        yield client


class _Answers:
    """XOAUTH2: the words first; an error is told in a challenge, which wants an empty answer."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __call__(self, challenge: bytes | None = None) -> str:
        return self.words if challenge is None else ""


class _Plain(smtplib.SMTP):
    """smtplib over a guarded socket."""

    def __init__(self, host: str, port: int, budget: Budget, *, in_clear: bool) -> None:
        self._budget, self._in_clear = budget, in_clear
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = safe_http.connect(host, port, budget=self._budget, secret_in_clear=self._in_clear)
        opened.settimeout(timeout)
        return opened


class _Tls(_Plain):
    """TLS from the start."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return safe_http.create_tls_context().wrap_socket(plain, server_hostname=host)
