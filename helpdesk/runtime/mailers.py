"""Where outgoing mails go: a mail server (EMAIL_URL), a provider (TANDEM_MAIL_PROVIDER), or a page here."""

import json
import os
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from helpdesk.runtime.environment import Environment

KEPT_HERE = {"BACKEND": "tickets.channels.email.outbound.sent_mail.SentMailBackend"}
TIMEOUT_SECONDS = 20


def mailer_settings(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return Django's mailers for what the environment says.

    Raises ImproperlyConfigured when the provider's options are no JSON object.
    """
    if provider := os.environ.get("TANDEM_MAIL_PROVIDER"):
        options = _options(os.environ.get("TANDEM_MAIL_PROVIDER_OPTIONS") or "{}")
        return {"default": {"BACKEND": f"anymail.backends.{provider}.EmailBackend", "OPTIONS": options}}
    if not environment.email_url:
        return {"default": dict(KEPT_HERE)}
    mail = environ.Env.email_url_config(environment.email_url)
    options = {
        "host": mail["EMAIL_HOST"],
        "port": mail["EMAIL_PORT"] or 25,
        "username": mail["EMAIL_HOST_USER"] or "",
        "password": mail["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": bool(mail.get("EMAIL_USE_TLS")),
        "use_ssl": bool(mail.get("EMAIL_USE_SSL")),
        "timeout": TIMEOUT_SECONDS,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def _options(text: str) -> dict[str, Any]:
    try:
        options = json.loads(text)
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise ImproperlyConfigured(
            'TANDEM_MAIL_PROVIDER_OPTIONS is no JSON object. Write, for example, {"api_key": "…"}.'
        )
    return options
