"""Signing in to Microsoft 365 and Google without a password: the authorisation code flow with PKCE.

Tokens lie encrypted on the mailbox. They are renewed before they end; a person hears of it before it is too
late. The servers' answers (RFC 6749, 7636) are believed only about this one mailbox.
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
    """Where one provider's sign-in and mail servers are."""

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
    extra=(("access_type", "offline"), ("prompt", "consent")),  # else no refresh token comes
    imap=("imap.gmail.com", 993, "tls"),
    smtp=("smtp.gmail.com", 587, "starttls"),
)
PROVIDERS = {"microsoft": MICROSOFT, "google": GOOGLE}
SERVERS = {"microsoft": "https://login.microsoftonline.com", "google": "https://oauth2.googleapis.com"}


class SignInRefused(DomainError):
    """The provider, or the browser that came back from it, did not complete the sign-in."""

    code = "sign_in_refused"
    status = 400
    sentence = _("The provider did not complete the sign-in. Begin again.")


class NotRegistered(DomainError):
    """Nobody has entered our registration with this provider."""

    code = "not_registered"
    sentence = _("Enter the registration with this provider first, in the settings under Mail sign-ins.")


@dataclass(frozen=True)
class Errand:
    """A sign-in that was begun: what the person's session keeps until they come back."""

    url: str
    state: str
    verifier: str


def registration(mailbox: Mailbox) -> MailSignIn:
    """Return our registration for this mailbox's provider. Raises NotRegistered."""
    found = MailSignIn.objects.filter(provider=mailbox.sign_in).first()
    if found is None:
        raise NotRegistered
    return found


def begin_sign_in(mailbox: Mailbox, *, come_back_to: str) -> Errand:
    """Return where to send the person, with a fresh state and verifier (RFC 7636, S256)."""
    ours, provider = registration(mailbox), PROVIDERS[mailbox.sign_in]
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": ours.client_id,
        "response_type": "code",
        "redirect_uri": come_back_to,
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": mailbox.username,
        **dict(provider.extra),
    }
    return Errand(f"{_filled(provider.authorise, ours)}?{urlencode(query)}", state, verifier)


def complete(
    mailbox: Mailbox, code: str, verifier: str, *, come_back_to: str, by: Actor, now: datetime
) -> None:
    """Exchange the code for tokens and keep them. Raises SignInRefused, OSError."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": come_back_to,
        "code_verifier": verifier,
    }
    status, answer = _ask(mailbox, fields)
    if status != 200 or not answer.get("access_token") or not answer.get("refresh_token"):
        raise SignInRefused
    _keep(mailbox, answer, now=now)
    data = {"mailbox": mailbox.pk, "provider": mailbox.sign_in}
    events.record("mailbox.signed_in", by=by, at=now, queue_id=mailbox.channel.queue_id, data=data)


def access_token(mailbox: Mailbox, *, now: datetime) -> str:
    """Return a token that is good for now, renewed when it is about to end.

    Raises:
        SignInEnded: the provider wants the person again.
        OSError: the provider cannot be reached and the present token has ended.
    """
    ends = mailbox.access_expires_at
    if mailbox.access_token and ends and ends - now > RENEW_BEFORE:
        return mailbox.access_token
    try:
        renew(mailbox, now=now)
    except SignInEnded:
        raise
    except OSError:
        if not (mailbox.access_token and ends and ends - now > STILL_GOOD):
            raise
    return mailbox.access_token


def renew(mailbox: Mailbox, *, now: datetime) -> None:
    """Get a new access token for the refresh token, and keep both.

    Raises:
        SignInEnded: the provider wants the person again.
        OSError: it cannot be reached.
    """
    if not mailbox.refresh_token:
        raise SignInEnded("nobody has signed in yet")
    fields = {"grant_type": "refresh_token", "refresh_token": mailbox.refresh_token}
    status, answer = _ask(mailbox, fields)
    if status == 200 and answer.get("access_token"):
        _keep(mailbox, answer, now=now)
        return
    said = str(answer.get("error_description") or answer.get("error") or status)[:300]
    if status in (400, 401, 403):
        Mailbox.objects.filter(pk=mailbox.pk).update(signin_trouble=said)
        raise SignInEnded(said)
    raise OSError(f"the sign-in server answered {status}")


def renew_due(*, now: datetime) -> int:
    """Renew the tokens that end soon; return how many. One that fails keeps no other waiting."""
    due = (
        Mailbox.objects.fetched_by_us()
        .exclude(sign_in=Mailbox.SignIn.PASSWORD)
        .filter(access_expires_at__lte=now + RENEW_BEFORE)
        .exclude(refresh_token="")
    )
    renewed = 0
    for mailbox in due.filter(signin_trouble="").select_related("channel"):
        try:
            renew(mailbox, now=now)
            renewed += 1
        except OSError as error:
            mailbox.record_trouble(
                "signin_ended" if isinstance(error, SignInEnded) else "cut", str(error), now=now
            )
    return renewed


def ends_soon(mailbox: Mailbox, *, now: datetime) -> str:
    """Return what about this sign-in stops soon ("signin_ended", "secret_ends"), or an empty text."""
    if not mailbox.uses_oauth:
        return ""
    ends = mailbox.refresh_expires_at
    if mailbox.signin_trouble or (ends and ends - now < REMIND_OF_SIGN_IN):
        return "signin_ended"
    ours = MailSignIn.objects.filter(provider=mailbox.sign_in).first()
    last_day = ours.secret_expires_on if ours else None
    return "secret_ends" if last_day and last_day <= (now + REMIND_OF_SECRET).date() else ""


def xoauth2(username: str, token: str) -> str:
    """Return the SASL string of XOAUTH2, before base64."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def _ask(mailbox: Mailbox, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
    ours, provider = registration(mailbox), PROVIDERS[mailbox.sign_in]
    credentials = {"client_id": ours.client_id, "client_secret": ours.client_secret}
    status, answer = safe_http.post_form(_filled(provider.token, ours), {**fields, **credentials})
    return status, answer if isinstance(answer, dict) else {}


def _filled(address: str, ours: MailSignIn) -> str:
    server = (ours.server or SERVERS[ours.provider]).rstrip("/")
    accounts = ours.server.rstrip("/") or "https://accounts.google.com"
    return address.format(server=server, accounts=accounts, tenant=ours.tenant or "organizations")


def _keep(mailbox: Mailbox, answer: dict[str, Any], *, now: datetime) -> None:
    mailbox.access_token = str(answer["access_token"])
    mailbox.access_expires_at = now + timedelta(seconds=_seconds(answer.get("expires_in"), 3600))
    if answer.get("refresh_token"):  # Microsoft gives a new one each time, Google keeps the first
        mailbox.refresh_token = str(answer["refresh_token"])
    if "refresh_token_expires_in" in answer:
        left = _seconds(answer["refresh_token_expires_in"], 7 * 86400)
        mailbox.refresh_expires_at = now + timedelta(seconds=left)
    mailbox.signin_trouble = ""
    mailbox.save(
        update_fields=[
            "access_token", "access_expires_at", "refresh_token", "refresh_expires_at", "signin_trouble",
        ]
    )  # fmt: skip


def _seconds(given: Any, otherwise: int) -> int:
    return int(given) if str(given).isascii() and str(given).isdigit() else otherwise
