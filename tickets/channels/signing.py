"""What signed webhooks share: the refusal, how old a signature may be, and a format of our own.

`X-Tandem-Id` names the event; `X-Tandem-Signature: t=<unix>,v1=<hex>` holds the HMAC-SHA256 of
`<id>.<t>.<raw body>` with the channel's secret. Several v1 are fine while a secret is changed.
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
LONGEST_ID = 120


class Refused(DomainError):
    """A webhook without a genuine, recent signature."""

    code = "refused"
    status = 401
    sentence = gettext_lazy("The signature does not match.")


def webhook_address(channel: Channel) -> str:
    """Return the address to which the other side sends this channel's events."""
    return settings.PUBLIC_URL + reverse("webhook", args=[channel.slug, channel.key])


def check(channel: Channel, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> str:
    """Return the id of a genuine, recent event in our own format. Raises Refused for any other."""
    event_id = headers.get("X-Tandem-Id", "").strip()
    stamp, signatures = _signature_of(headers.get("X-Tandem-Signature", ""))
    if not event_id or len(event_id) > LONGEST_ID or not signatures:
        raise Refused(_("X-Tandem-Id and X-Tandem-Signature (t=…,v1=…) are needed."), code="unsigned")
    signed = f"{event_id}.{stamp}.".encode() + raw
    expected = [hmac.new(secret.encode(), signed, "sha256").hexdigest() for secret in living_secrets(channel)]
    if not is_any_equal(expected, (signature.lower() for signature in signatures)):
        raise Refused(_("The signature does not match."), code="bad_signature")
    if not is_recent(stamp, now=now):
        raise Refused(_("The time of the signature is more than five minutes off."), code="stale")
    return event_id


def living_secrets(channel: Channel) -> list[str]:
    """Return the secrets that a signature may be made with: the channel's, and the one before it."""
    return [secret for secret in (channel.secret, channel.previous_secret) if secret]


def is_any_equal(expected: Iterable[str], given: Iterable[str]) -> bool:
    """Tell whether one of the given signatures is one of those expected, comparing always all of them."""
    signatures = list(given)
    fits = [hmac.compare_digest(e.encode(), s.encode()) for e in expected for s in signatures]
    return any(fits)


def is_recent(stamp: str, *, now: datetime, tolerance: float = TOLERANCE_SECONDS) -> bool:
    """Tell whether a unix time lies within `tolerance` seconds (five minutes) of `now`, on either side."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return abs(now.timestamp() - int(stamp)) <= tolerance


def _signature_of(header: str) -> tuple[str, list[str]]:
    """Return the stamp and every v1 of a signature header."""
    pairs = [part.strip().partition("=") for part in header[:2000].split(",")]
    stamp = next((value for name, _, value in pairs if name == "t"), "")
    return stamp, [value for name, _, value in pairs if name == "v1" and value][:5]
