"""Tandem's own format: one JSON object per event, signed as described in `tickets.channels.signing`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tickets.channels import signing
from tickets.channels.base import NotUnderstood
from tickets.channels.phone.payloads import values
from tickets.channels.phone.report import CallReport, News, Told
from tickets.models import Channel

LONGEST_CALL_ID = 120
PEOPLE = ("agent", "person", "human")  # of `answered_by`: whoever is not named may still be one of us
EVENTS = {f"call.{news}": news for news in News if news != News.LOST}
SUMMARY = "call"
EVENT_ENDED = "call.ended"
RESULTS = {str(news) for news in News} - {News.STARTED, News.ENDED, News.NOTED, News.LOST}
DIRECTIONS = {
    "in": "in",
    "inbound": "in",
    "incoming": "in",
    "out": "out",
    "outbound": "out",
    "outgoing": "out",
}


def check(channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime) -> str:
    """Return the id of an event with a valid, recent signature. Raises Refused for any other."""
    return signing.check(channel, headers, raw, now=now)


def read(channel: Channel, raw: bytes, *, received_at: datetime) -> CallReport:
    """Return the report in an event. Raises NotUnderstood with a sentence on what is wrong."""
    given = values.json_object(raw)
    call_id, event = values.text(given, "call_id", longest=121), values.text(given, "event")
    if not call_id or len(call_id) > LONGEST_CALL_ID:
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
        told=_told(
            given,
            news,
            is_over=event in (SUMMARY, EVENT_ENDED),
            is_sure=direction == "out" or _is_a_person(channel, given),
            received_at=received_at,
        ),
        direction=direction,
        number=theirs,
        our_number=ours,
        name=values.text(given, "name"),
        note=values.text(given, "note", longest=values.LONGEST_TEXT),
        transcript=values.text(given, "transcript", longest=values.LONGEST_TEXT),
        recording_url=values.text(given, "recording_url", longest=500),
    )


def _is_a_person(channel: Channel, given: dict[str, Any]) -> bool:
    """Tell whether a person took the call: no queue and no menu, which answer before anybody does."""
    if answered_by := values.text(given, "answered_by").lower():
        return answered_by in PEOPLE
    return values.names_a_person(channel, values.text(given, "agent"))


def _told(given: dict[str, Any], news: str, *, is_over: bool, is_sure: bool, received_at: datetime) -> Told:
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
        is_sure=is_sure or news not in (News.ANSWERED, News.ENDED),
    )


def _result(given: dict[str, Any]) -> str:
    result = values.text(given, "result")
    if result not in RESULTS:
        known = ", ".join(sorted(RESULTS))
        raise NotUnderstood(
            _("“result” must be one of: %(known)s.") % {"known": known}, code="unknown_result"
        )
    return result
