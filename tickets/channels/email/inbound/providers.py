"""The mail providers that send mails and delivery events by webhook: their signatures and payloads.

Signatures and events are handled by django-anymail. If the provider sends the raw mail, its bytes are taken
from the request unchanged, so that the web process does not parse it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from anymail.webhooks import mailersend, mailgun, mailjet, mailtrap, postal, postmark, sendgrid, sparkpost
from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.channels.email.mailtrap import MailtrapInbound
from tickets.channels.signing import Refused
from tickets.errors import DomainError
from tickets.models import Channel


class NotSetUp(DomainError):
    """Mails cannot be fetched from this provider, because no API token is configured."""

    code = "provider_not_set_up"
    status = 503
    sentence = _(
        "Mailtrap only says that a mail has come. To fetch it, Tandem needs the API token: set "
        'TANDEM_MAIL_PROVIDER=mailtrap and TANDEM_MAIL_PROVIDER_OPTIONS={"api_token": "…"}.'
    )


@dataclass(frozen=True)
class RawMail:
    """A raw mail, and its recipient if the provider says so."""

    data: bytes
    recipient: str = ""


@dataclass(frozen=True)
class Provider:
    """One provider. `secret` is anymail's setting for its signing key; if empty, a password is used.

    `once` returns the signed token and its time (Unix seconds) of a provider that does not sign the body.
    `needs_token` means that mails are fetched by the provider's API.
    """

    name: str
    inbound: type[AnymailBaseWebhookView]
    tracking: type[AnymailBaseWebhookView]
    secret: str = ""
    tracking_secret: str | None = None
    raw: Callable[[HttpRequest], list[RawMail]] = lambda request: []
    once: Callable[[HttpRequest], tuple[str, str]] = lambda request: ("", "")
    needs_token: bool = False

    def view(self, channel: Channel, *, tracking: bool) -> AnymailBaseWebhookView:
        """Return anymail's view, configured with this channel's secret.

        Raises:
            Refused: the channel has no secret, so that anybody could sign.
            NotSetUp: the provider needs an API token, and none is configured.
        """
        if not channel.secret.strip():
            raise Refused
        setting = self.tracking_secret if tracking and self.tracking_secret is not None else self.secret
        given: dict[str, Any] = {setting: channel.secret} if setting else {}
        if not setting:
            given["webhook_secret"] = [f"tandem:{s}" for s in (channel.secret, channel.previous_secret) if s]
        if self.needs_token and not tracking:
            given["api_token"] = api_token()
        kind = self.tracking if tracking else self.inbound
        return kind(**given)


def api_token() -> str:
    """Return the API token for sending and fetching mails. Raises NotSetUp."""
    token = settings.MAILERS["default"].get("OPTIONS", {}).get("api_token")
    if not token:
        raise NotSetUp
    return str(token)


def form_fields(request: HttpRequest) -> dict[str, bytes]:
    """Return a form's text fields as raw bytes, because a mail may have several charsets."""
    if request.content_type == "application/x-www-form-urlencoded":
        fields = parse_qs(request.body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
        return {name: values[-1].encode("latin-1") for name, values in fields.items()}
    parts, _files = MultiPartParser(
        request.META, BytesIO(request.body), [MemoryFileUploadHandler(request)], encoding="latin-1"
    ).parse()
    return {name: str(parts[name]).encode("latin-1", "replace") for name in parts}


def _document(request: HttpRequest) -> dict[str, Any]:
    document = json.loads(request.body)
    return document if isinstance(document, dict) else {}


def _mailgun(request: HttpRequest) -> list[RawMail]:
    fields = form_fields(request)
    if "body-mime" not in fields:
        return []
    return [RawMail(fields["body-mime"], fields.get("recipient", b"").decode("utf-8", "replace"))]


def _mailgun_token(request: HttpRequest) -> tuple[str, str]:
    if request.content_type == "application/json":
        signature = _document(request).get("signature")
        fields = signature if isinstance(signature, dict) else {}
        return str(fields.get("token", "")), str(fields.get("timestamp", ""))
    form = form_fields(request)
    token, signed_at = (form.get(name, b"").decode("utf-8", "replace") for name in ("token", "timestamp"))
    return token, signed_at


def _sendgrid(request: HttpRequest) -> list[RawMail]:
    fields = form_fields(request)
    if "email" not in fields:
        return []
    try:
        recipients = json.loads(fields.get("envelope", b"{}")).get("to") or [""]
    except (ValueError, AttributeError):
        recipients = [""]
    return [RawMail(fields["email"], str(recipients[0]))]


def _postmark(request: HttpRequest) -> list[RawMail]:
    document = _document(request)
    raw = document.get("RawEmail")
    if not isinstance(raw, str):
        return []
    return [RawMail(raw.encode("utf-8", "surrogateescape"), str(document.get("OriginalRecipient") or ""))]


def _sparkpost(request: HttpRequest) -> list[RawMail]:
    found = []
    events = json.loads(request.body)
    for event in events if isinstance(events, list) else []:
        relay = event["msys"]["relay_message"]
        content = relay["content"]
        text = content["email_rfc822"]
        raw = base64.b64decode(text) if content.get("email_rfc822_is_base64") else text.encode("utf-8")
        found.append(RawMail(raw, str(relay.get("rcpt_to") or "")))
    return found


def _mailersend(request: HttpRequest) -> list[RawMail]:
    data = _document(request).get("data") or {}
    raw = data.get("raw")
    return [RawMail(raw.encode("utf-8", "surrogateescape"))] if isinstance(raw, str) else []


def _postal(request: HttpRequest) -> list[RawMail]:
    document = _document(request)
    raw = document.get("message")
    if not isinstance(raw, str):
        return []
    is_base64 = document.get("base64", True)
    data = base64.b64decode(raw) if is_base64 else raw.encode("utf-8", "surrogateescape")
    return [RawMail(data, str(document.get("rcpt_to") or ""))]


PROVIDERS: dict[str, Provider] = {
    "mailgun": Provider(
        "Mailgun",
        mailgun.MailgunInboundWebhookView,
        mailgun.MailgunTrackingWebhookView,
        secret="webhook_signing_key",  # noqa: S106  (a setting's name)
        raw=_mailgun,
        once=_mailgun_token,
    ),
    "postmark": Provider(
        "Postmark", postmark.PostmarkInboundWebhookView, postmark.PostmarkTrackingWebhookView, raw=_postmark
    ),
    "sendgrid": Provider(
        "SendGrid", sendgrid.SendGridInboundWebhookView, sendgrid.SendGridTrackingWebhookView, raw=_sendgrid
    ),
    "sparkpost": Provider(
        "SparkPost",
        sparkpost.SparkPostInboundWebhookView,
        sparkpost.SparkPostTrackingWebhookView,
        raw=_sparkpost,
    ),
    "mailersend": Provider(
        "MailerSend",
        mailersend.MailerSendInboundWebhookView,
        mailersend.MailerSendTrackingWebhookView,
        secret="inbound_secret",  # noqa: S106
        tracking_secret="signing_secret",  # noqa: S106
        raw=_mailersend,
    ),
    "mailjet": Provider("Mailjet", mailjet.MailjetInboundWebhookView, mailjet.MailjetTrackingWebhookView),
    "mailtrap": Provider(
        "Mailtrap",
        MailtrapInbound,
        mailtrap.MailtrapTrackingWebhookView,
        secret="inbound_secret",  # noqa: S106
        tracking_secret="tracking_secret",  # noqa: S106
        needs_token=True,
    ),
    "postal": Provider(
        "Postal",
        postal.PostalInboundWebhookView,
        postal.PostalTrackingWebhookView,
        secret="webhook_key",  # noqa: S106
        raw=_postal,
    ),
}


def trouble_with(name: str) -> str:
    """Return why mails cannot be received from the provider with this name, or an empty text."""
    if name and name not in PROVIDERS:
        known = {"name": name, "known": ", ".join(PROVIDERS)}
        return str(gettext("There is no provider “%(name)s”. Known: %(known)s.") % known)
    if name and PROVIDERS[name].needs_token:
        try:
            api_token()
        except NotSetUp as error:
            return str(error.sentence)
    return ""


def provider_of(channel: Channel) -> Provider | None:
    """Return the provider in a channel's options (`{"provider": "mailgun"}`), or None."""
    return PROVIDERS.get(str(channel.options.get("provider", "")))
