"""Tandem's own format: one JSON object an event, signed over id, time and body.

`X-Tandem-Id` names the event; `X-Tandem-Signature: t=<unix>,v1=<hex>` holds the HMAC-SHA256 of
`<id>.<t>.<raw body>` with the channel's secret. Several v1 are fine while a secret is changed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tickets.channels.base import NotUnderstood
from tickets.channels.phone.payloads import values
from tickets.channels.phone.report import CallReport, News, Told
from tickets.channels.phone.signing import Refused, is_recent
from tickets.models import Channel

LONGEST_ID = 120
EVENTS = {f"call.{news}": news for news in News}
SUMMARY = "call"
EVENT_ENDED = "call.ended"
RESULTS = {str(news) for news in News} - {News.STARTED, News.ENDED, News.NOTED}
DIRECTIONS = {
    "in": "in",
    "inbound": "in",
    "incoming": "in",
    "out": "out",
    "outbound": "out",
    "outgoing": "out",
}


def check(channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime) -> str:
    """Return the id of a genuine, recent event. Raises Refused for any other."""
    event_id = headers.get("X-Tandem-Id", "").strip()
    stamp, signatures = _signature_of(headers.get("X-Tandem-Signature", ""))
    if not event_id or len(event_id) > LONGEST_ID or not signatures:
        raise Refused(_("X-Tandem-Id and X-Tandem-Signature (t=…,v1=…) are needed."), code="unsigned")
    signed = f"{event_id}.{stamp}.".encode() + raw
    if not _is_genuine(signed, signatures, (channel.secret, channel.previous_secret)):
        raise Refused(_("The signature does not match."), code="bad_signature")
    if not is_recent(stamp, now=now):
        raise Refused(_("The time of the signature is more than five minutes off."), code="stale")
    return event_id


def read(channel: Channel, raw: bytes, *, received_at: datetime) -> CallReport:
    """Return what one event tells. Raises NotUnderstood with what is wrong with it."""
    given = values.json_object(raw)
    call_id, event = values.text(given, "call_id", longest=121), values.text(given, "event")
    if not call_id or len(call_id) > LONGEST_ID:
        raise NotUnderstood(_("“call_id” is missing or too long."), code="no_call_id")
    tells_result = event == SUMMARY or (event == EVENT_ENDED and bool(given.get("result")))
    news = _result(given) if tells_result else EVENTS.get(event)
    if news is None:
        known = ", ".join([SUMMARY, *EVENTS])
        raise NotUnderstood(_("“event” must be one of: %(known)s.") % {"known": known}, code="unknown_event")
    direction = DIRECTIONS.get(values.text(given, "direction") or "in")
    if direction is None:
        raise NotUnderstood(_("“direction” must be inbound or outbound."), code="unknown_direction")
    sides = values.text(given, "from"), values.text(given, "to")
    theirs, ours = sides if direction == "in" else reversed(sides)
    return CallReport(
        call_id=call_id,
        told=_told(given, news, is_over=event in (SUMMARY, EVENT_ENDED), received_at=received_at),
        direction=direction,
        number=theirs,
        our_number=ours,
        name=values.text(given, "name"),
        note=values.text(given, "note", longest=values.LONGEST_TEXT),
        transcript=values.text(given, "transcript", longest=values.LONGEST_TEXT),
        recording_url=values.text(given, "recording_url", longest=500),
    )


def _told(given: dict[str, Any], news: str, *, is_over: bool, received_at: datetime) -> Told:
    ended_at = values.moment(given, "ended_at")
    at = values.moment(given, "at") or ended_at or received_at
    sequence = values.whole(given, "sequence")
    return Told(
        news=news,
        at=at,
        order=float(sequence) if sequence is not None else at.timestamp(),
        started_at=values.moment(given, "started_at"),
        answered_at=values.moment(given, "answered_at"),
        ended_at=ended_at or (at if is_over else None),
        talk_seconds=values.whole(given, "duration"),
        agent=values.text(given, "agent"),
    )


def _result(given: dict[str, Any]) -> str:
    result = values.text(given, "result")
    if result not in RESULTS:
        known = ", ".join(sorted(RESULTS))
        raise NotUnderstood(
            _("“result” must be one of: %(known)s.") % {"known": known}, code="unknown_result"
        )
    return result


def _signature_of(header: str) -> tuple[str, list[str]]:
    """Return the stamp and every v1 of a signature header."""
    pairs = [part.strip().partition("=") for part in header[:2000].split(",")]
    stamp = next((value for name, _, value in pairs if name == "t"), "")
    return stamp, [value for name, _, value in pairs if name == "v1" and value][:5]


def _is_genuine(signed: bytes, signatures: Iterable[str], secrets: Iterable[str]) -> bool:
    """Compare with every living secret, always all of them."""
    expected = [hmac.new(secret.encode(), signed, "sha256").hexdigest() for secret in secrets if secret]
    fits = [hmac.compare_digest(e.encode(), s.lower().encode()) for e in expected for s in signatures]
    return any(fits)
