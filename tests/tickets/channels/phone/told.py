"""Sending events to the phone's door as a provider would."""

from __future__ import annotations

import hmac
import itertools
import json
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from tickets.clock import database_now
from tickets.models import Channel

_number = itertools.count(1)


def headers_of(secret: str, raw: bytes, *, event_id: str, at: datetime) -> dict[str, str]:
    """Return the headers that sign a body."""
    stamp = int(at.timestamp())
    signed = f"{event_id}.{stamp}.".encode() + raw
    signature = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    return {"X-Tandem-Id": event_id, "X-Tandem-Signature": f"t={stamp},v1={signature}"}


def send(
    channel: Channel,
    event: dict[str, Any] | bytes,
    *,
    event_id: str = "",
    at: datetime | None = None,
    secret: str = "",
    headers: dict[str, str] | None = None,
) -> Any:
    """Post one event, signed with the channel's secret now; return the response."""
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    signing = headers_of(
        secret or channel.secret, raw, event_id=event_id or f"event-{next(_number)}", at=at or database_now()
    )
    return Client().post(
        reverse("webhook", args=[channel.slug, channel.key]),
        raw,
        content_type="application/json",
        headers={**signing, **(headers or {})},
    )


def incoming(event: str, *, call_id: str = "c1", number: str = "+33612345678", **more: Any) -> dict[str, Any]:
    """Return an event of an incoming call."""
    return {"event": event, "call_id": call_id, "from": number, "to": "+33142000000", **more}


def outgoing(event: str, *, call_id: str = "c1", number: str = "+33612345678", **more: Any) -> dict[str, Any]:
    """Return an event of a call that one of us made."""
    return {
        "event": event,
        "call_id": call_id,
        "direction": "outbound",
        "from": "+33142000000",
        "to": number,
        **more,
    }
