"""Problems of a mailbox's connection, each with a sentence that a person can act on."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from tickets.platform.safe_http import NotEncrypted, PrivateAddress

APP_PASSWORD = re.compile(rb"application-specific password|app(?:lication)? password|5\.7\.9", re.IGNORECASE)
NO_PASSWORDS = re.compile(
    rb"basic auth\w*( is)? (disabled|blocked)|5\.7\.139|SmtpClientAuthentication|LOGINDISABLED", re.IGNORECASE
)
MICROSOFT = re.compile(r"\.(office365|outlook)\.com$|^outlook\.|\.office\.com$", re.IGNORECASE)
GOOGLE = re.compile(r"\.(gmail|google|googlemail)\.com$", re.IGNORECASE)

SENTENCES: dict[str, str | Promise] = {
    "name_not_found": _("No server has the name %(host)s. Look for a typing mistake."),
    "refused": _(
        "%(host)s does not answer on port %(port)s. Most use 993 (TLS) to receive and 587 (STARTTLS) or 465 "
        "(TLS) to send."
    ),
    "timed_out": _(
        "%(host)s did not answer on port %(port)s in time. The port may be wrong, or a firewall in the way."
    ),
    "certificate": _(
        "%(host)s shows a certificate that is not valid for this name, so the password was not sent. Use the "
        "name the certificate is for, or have the certificate renewed."
    ),
    "not_tls": _("Port %(port)s of %(host)s does not begin with TLS. Choose STARTTLS, or the port for TLS."),
    "no_starttls": _(
        "%(host)s offers no STARTTLS on port %(port)s. Choose TLS with its port, mostly 993 or 465."
    ),
    "not_a_mail_server": _("What answers at %(host)s, port %(port)s, is no mail server of this kind."),
    "not_encrypted": _(
        "Without encryption the password could be read on the way to %(host)s. Choose TLS or STARTTLS."
    ),
    "private_address": _(
        "%(host)s lies in a private network. Whoever runs this installation can allow it with "
        "TANDEM_PRIVATE_SERVERS."
    ),
    "wrong_password": _("%(host)s does not accept this user name and password."),
    "app_password": _(
        "%(host)s wants an app password here instead of the usual one. Make one in the account's security "
        "settings."
    ),
    "use_microsoft": _(
        "Microsoft no longer takes passwords here. Choose “with Microsoft 365” and sign in there."
    ),
    "use_google": _(
        "Google takes no usual password here. Choose “with Google”, or make an app password in the account."
    ),
    "signin_ended": _("The sign-in at the provider has ended. Sign in again to go on."),
    "folder": _("The mail server does not open a folder: %(detail)s"),
    "recipient": _("The outgoing server did not take our mail to ourselves: %(detail)s"),
    "cut": _("The connection to %(host)s was cut. It is tried again."),
    "server": _("The mail server said: %(detail)s"),
    "not_read": _("Nobody has read this mailbox for ten minutes. Is the process “imap” running?"),
    "quiet": _("No mail has come for unusually long."),
    "secret_ends": _(
        "The secret of our registration at the provider ends soon. Make a new one and enter it."
    ),
}


class FolderClosed(IMAPClientError):
    """The server refuses to open a folder, or to move a mail into it."""


class SignInEnded(OSError):
    """The provider refuses to renew our tokens; a person must sign in again."""


@dataclass(frozen=True)
class Trouble:
    """A problem: its code, a key of SENTENCES, and the server's own words."""

    code: str
    detail: str = ""

    def sentence(self, host: str, port: int) -> str:
        """Return the problem's sentence, in the active language."""
        words = {"host": host or "?", "port": port, "detail": self.detail}
        return str(SENTENCES.get(self.code, SENTENCES["server"])) % words


def explain(error: BaseException, host: str) -> Trouble:
    """Return the problem behind an error of an IMAP or SMTP connection to `host`."""
    detail = _extract_text(error)
    if isinstance(error, (LoginError, smtplib.SMTPAuthenticationError)):
        return Trouble(_classify_refusal(detail.encode(), host), detail)
    code = next((code for kinds, code in KINDS if isinstance(error, kinds)), None)
    return Trouble(code or _classify_by_text(error, detail), detail)


def _classify_by_text(error: BaseException, detail: str) -> str:
    """Return the code of an error whose class does not determine it, by its text."""
    if isinstance(error, ssl.SSLError):
        return "not_tls" if "WRONG_VERSION" in str(error) or "RECORD" in str(error) else "cut"
    if isinstance(error, (CapabilityError, smtplib.SMTPNotSupportedError)):
        return "no_starttls" if "STARTTLS" in detail.upper() else "server"
    if isinstance(error, IMAPClientAbortError):
        return "not_a_mail_server" if "b'" in detail and "EOF" not in detail and "OK" not in detail else "cut"
    is_reply = isinstance(error, (IMAPClientError, smtplib.SMTPResponseException))
    return "cut" if isinstance(error, (OSError, EOFError)) and not is_reply else "server"


# Ordered: a subclass must come before its base class.
KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (PrivateAddress, "private_address"),
    (NotEncrypted, "not_encrypted"),
    (SignInEnded, "signin_ended"),
    (FolderClosed, "folder"),
    (socket.gaierror, "name_not_found"),
    (ConnectionRefusedError, "refused"),
    (TimeoutError, "timed_out"),
    (ssl.SSLCertVerificationError, "certificate"),
    (smtplib.SMTPServerDisconnected, "cut"),
    (smtplib.SMTPRecipientsRefused, "recipient"),
    (smtplib.SMTPSenderRefused, "recipient"),
    (smtplib.SMTPConnectError, "not_a_mail_server"),
)


def _classify_refusal(reply: bytes, host: str) -> str:
    if APP_PASSWORD.search(reply):
        return "app_password"
    if MICROSOFT.search(host):
        return "use_microsoft"
    if NO_PASSWORDS.search(reply):
        return "use_google" if GOOGLE.search(host) else "use_microsoft"
    return "use_google" if GOOGLE.search(host) else "wrong_password"


def _extract_text(error: BaseException) -> str:
    """Return the server's reply in an error, on one line of at most 300 characters."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _format_reply(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        return _format_reply(error.smtp_code, error.smtp_error)
    return re.sub(r"\s+", " ", str(error))[:300]


def _format_reply(code: int, text: bytes | str) -> str:
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {decoded}"[:300]
