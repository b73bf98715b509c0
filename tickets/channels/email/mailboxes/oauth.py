"""Sign in to Microsoft 365 and Google without a password: OAuth's authorisation code flow with PKCE.

Tokens are stored encrypted on the mailbox and renewed before they expire; if a person must sign in again,
they are told in advance. Sources: RFC 6749 (OAuth 2.0), RFC 7636 (PKCE).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.channels.email.mailboxes.trouble import SignInEnded
from tickets.errors import DomainError
from tickets.models import Mailbox, MailSignIn
from tickets.platform import safe_http

RENEW_BEFORE = timedelta(minutes=10)
STILL_GOOD = timedelta(seconds=60)
REMIND_OF_SIGN_IN = timedelta(days=7)
REMIND_OF_SECRET = timedelta(days=14)


@dataclass(frozen=True)
class Provider:
    """One provider's OAuth URLs, scope and extra parameters, and its mail servers (host, port, security)."""

    authorise: str
    token: str
    scope: str
    extra: tuple[tuple[str, str], ...]
    imap: tuple[str, int, str]
    smtp: tuple[str, int, str]


MICROSOFT = Provider(
    authorise="{server}/{tenant}/oauth2/v2.0/authorize",
    token="{server}/{tenant}/oauth2/v2.0/token",  # noqa: S106  (an address)
    scope="offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
    extra=(),
    imap=("outlook.office365.com", 993, "tls"),
    smtp=("smtp.office365.com", 587, "starttls"),
)
GOOGLE = Provider(
    authorise="{accounts}/o/oauth2/v2/auth",
    token="{server}/token",  # noqa: S106  (an address)
    scope="https://mail.google.com/",
    extra=(("access_type", "offline"), ("prompt", "consent")),  # without them there is no refresh token
    imap=("imap.gmail.com", 993, "tls"),
    smtp=("smtp.gmail.com", 587, "starttls"),
)
PROVIDERS = {"microsoft": MICROSOFT, "google": GOOGLE}
SERVERS = {"microsoft": "https://login.microsoftonline.com", "google": "https://oauth2.googleapis.com"}


class SignInRefused(DomainError):
    """The sign-in was not completed, at the provider or on the way back."""

    code = "sign_in_refused"
    status = 400
    sentence = _("The provider did not complete the sign-in. Begin again.")


class NotRegistered(DomainError):
    """Our registration with this provider has not been entered yet."""

    code = "not_registered"
    sentence = _("Enter the registration with this provider first, in the settings under Mail sign-ins.")


@dataclass(frozen=True)
class PendingSignIn:
    """A sign-in in progress: the provider's URL, and the state and verifier kept in the person's session."""

    url: str
    state: str
    verifier: str


def load_registration(mailbox: Mailbox) -> MailSignIn:
    """Return our registration with this mailbox's provider. Raises NotRegistered."""
    row = MailSignIn.objects.filter(provider=mailbox.sign_in).first()
    if row is None:
        raise NotRegistered
    return row


def begin_sign_in(mailbox: Mailbox, *, redirect_url: str) -> PendingSignIn:
    """Return a new sign-in, with a random state and verifier (RFC 7636, S256).

    Raises:
        NotRegistered: there is no registration with this provider.
    """
    registration, provider = load_registration(mailbox), PROVIDERS[mailbox.sign_in]
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": registration.client_id,
        "response_type": "code",
        "redirect_uri": redirect_url,
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": mailbox.username,
        **dict(provider.extra),
    }
    return PendingSignIn(f"{_fill_url(provider.authorise, registration)}?{urlencode(query)}", state, verifier)


def complete_sign_in(
    mailbox: Mailbox, code: str, verifier: str, *, redirect_url: str, by: Actor, now: datetime
) -> None:
    """Exchange the code for tokens and store them.

    Raises:
        SignInRefused: the provider gave no tokens for the code.
        OSError: the provider cannot be reached.
    """
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_url,
        "code_verifier": verifier,
    }
    status, answer = _request_token(mailbox, fields)
    if status != 200 or not answer.get("access_token") or not answer.get("refresh_token"):
        raise SignInRefused
    _save_tokens(mailbox, answer, now=now)
    data = {"mailbox": mailbox.pk, "provider": mailbox.sign_in}
    events.record("mailbox.signed_in", by=by, at=now, queue_id=mailbox.channel.queue_id, data=data)


def get_access_token(mailbox: Mailbox, *, now: datetime) -> str:
    """Return a valid access token, renewed if it expires within ten minutes.

    Raises:
        SignInEnded: a person must sign in again.
        OSError: the provider cannot be reached, and the current token has expired.
    """
    expires_at = mailbox.access_expires_at
    if mailbox.access_token and expires_at and expires_at - now > RENEW_BEFORE:
        return mailbox.access_token
    try:
        renew_tokens(mailbox, now=now)
    except SignInEnded:
        raise
    except OSError:
        if not (mailbox.access_token and expires_at and expires_at - now > STILL_GOOD):
            raise
    return mailbox.access_token


def renew_tokens(mailbox: Mailbox, *, now: datetime) -> None:
    """Get a new access token with the refresh token, and store both.

    Raises:
        SignInEnded: a person must sign in again.
        OSError: the provider cannot be reached.
    """
    if not mailbox.refresh_token:
        raise SignInEnded("nobody has signed in yet")
    fields = {"grant_type": "refresh_token", "refresh_token": mailbox.refresh_token}
    status, answer = _request_token(mailbox, fields)
    if status == 200 and answer.get("access_token"):
        _save_tokens(mailbox, answer, now=now)
        return
    reason = str(answer.get("error_description") or answer.get("error") or status)[:300]
    if status in (400, 401, 403):
        Mailbox.objects.filter(pk=mailbox.pk).update(signin_trouble=reason)
        raise SignInEnded(reason)
    raise OSError(f"the sign-in server answered {status}")


def renew_due_tokens(*, now: datetime) -> int:
    """Renew the tokens that expire soon; return how many. A failure does not stop the others."""
    due = (
        Mailbox.objects.fetched_by_us()
        .exclude(sign_in=Mailbox.SignIn.PASSWORD)
        .filter(access_expires_at__lte=now + RENEW_BEFORE)
        .exclude(refresh_token="")
    )
    renewed = 0
    for mailbox in due.filter(signin_trouble="").select_related("channel"):
        try:
            renew_tokens(mailbox, now=now)
            renewed += 1
        except OSError as error:
            mailbox.record_trouble(
                "signin_ended" if isinstance(error, SignInEnded) else "cut", str(error), now=now
            )
    return renewed


def find_expiring(mailbox: Mailbox, *, now: datetime) -> str:
    """Return what of the sign-in expires soon ("signin_ended" or "secret_ends"), or an empty text."""
    if not mailbox.uses_oauth:
        return ""
    expires_at = mailbox.refresh_expires_at
    if mailbox.signin_trouble or (expires_at and expires_at - now < REMIND_OF_SIGN_IN):
        return "signin_ended"
    registration = MailSignIn.objects.filter(provider=mailbox.sign_in).first()
    last_day = registration.secret_expires_on if registration else None
    return "secret_ends" if last_day and last_day <= (now + REMIND_OF_SECRET).date() else ""


def build_xoauth2(username: str, token: str) -> str:
    """Return the initial response of SASL XOAUTH2, before base64."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def _request_token(mailbox: Mailbox, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
    registration, provider = load_registration(mailbox), PROVIDERS[mailbox.sign_in]
    credentials = {"client_id": registration.client_id, "client_secret": registration.client_secret}
    status, answer = safe_http.post_form(_fill_url(provider.token, registration), {**fields, **credentials})
    return status, answer if isinstance(answer, dict) else {}


def _fill_url(url: str, registration: MailSignIn) -> str:
    server = (registration.server or SERVERS[registration.provider]).rstrip("/")
    accounts = registration.server.rstrip("/") or "https://accounts.google.com"
    return url.format(server=server, accounts=accounts, tenant=registration.tenant or "organizations")


def _save_tokens(mailbox: Mailbox, answer: dict[str, Any], *, now: datetime) -> None:
    mailbox.access_token = str(answer["access_token"])
    mailbox.access_expires_at = now + timedelta(seconds=_parse_seconds(answer.get("expires_in"), 3600))
    if answer.get("refresh_token"):  # Microsoft sends a new one each time, Google only the first time
        mailbox.refresh_token = str(answer["refresh_token"])
    if "refresh_token_expires_in" in answer:
        left = _parse_seconds(answer["refresh_token_expires_in"], 7 * 86400)
        mailbox.refresh_expires_at = now + timedelta(seconds=left)
    mailbox.signin_trouble = ""
    mailbox.save(
        update_fields=[
            "access_token", "access_expires_at", "refresh_token", "refresh_expires_at", "signin_trouble",
        ]
    )  # fmt: skip


def _parse_seconds(value: Any, default: int) -> int:
    return int(value) if str(value).isascii() and str(value).isdigit() else default
