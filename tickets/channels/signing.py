"""What all signed webhooks share: the error, the maximum age of a signature, and our own format.

`X-Tandem-Id` is the event's id; `X-Tandem-Signature: t=<unix time>,v1=<hex>` has the HMAC-SHA256 of
`<id>.<t>.<raw body>` with the channel's secret. Several v1 are accepted while a secret is being replaced.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.errors import DomainError

if TYPE_CHECKING:
    from tickets.models import Channel

TOLERANCE_SECONDS = 300
MAX_ID_LENGTH = 120


class Refused(DomainError):
    """A webhook without a valid, recent signature."""

    code = "refused"
    status = 401
    sentence = gettext_lazy("The signature does not match.")


def webhook_address(channel: Channel) -> str:
    """Return the URL to which the provider sends this channel's events."""
    return settings.PUBLIC_URL + reverse("webhook", args=[channel.slug, channel.key])


def check(channel: Channel, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> str:
    """Return the id of an event in our own format. Raises Refused if its signature is invalid or old."""
    event_id = headers.get("X-Tandem-Id", "").strip()
    stamp, signatures = _parse_signature(headers.get("X-Tandem-Signature", ""))
    if not event_id or len(event_id) > MAX_ID_LENGTH or not signatures:
        raise Refused(_("X-Tandem-Id and X-Tandem-Signature (t=…,v1=…) are needed."), code="unsigned")
    signed = f"{event_id}.{stamp}.".encode() + raw
    expected = [hmac.new(secret.encode(), signed, "sha256").hexdigest() for secret in valid_secrets(channel)]
    if not matches_any(expected, (signature.lower() for signature in signatures)):
        raise Refused(_("The signature does not match."), code="bad_signature")
    if not is_recent(stamp, now=now):
        raise Refused(_("The time of the signature is more than five minutes off."), code="stale")
    return event_id


def valid_secrets(channel: Channel) -> list[str]:
    """Return the secrets that are valid for signatures: the channel's current and its previous one."""
    return [secret for secret in (channel.secret, channel.previous_secret) if secret]


def matches_any(expected: Iterable[str], given: Iterable[str]) -> bool:
    """Return whether one of the given signatures is an expected one.

    All pairs are compared, in constant time, so that the duration reveals nothing about the secret.
    """
    signatures = list(given)
    matches = [hmac.compare_digest(e.encode(), s.encode()) for e in expected for s in signatures]
    return any(matches)


def is_recent(stamp: str, *, now: datetime, tolerance: float = TOLERANCE_SECONDS) -> bool:
    """Return whether a Unix time, as text, is within `tolerance` seconds before or after `now`."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return abs(now.timestamp() - int(stamp)) <= tolerance


def _parse_signature(header: str) -> tuple[str, list[str]]:
    """Return the time stamp and the first five v1 signatures of a header."""
    pairs = [part.strip().partition("=") for part in header[:2000].split(",")]
    stamp = next((value for name, _, value in pairs if name == "t"), "")
    return stamp, [value for name, _, value in pairs if name == "v1" and value][:5]
