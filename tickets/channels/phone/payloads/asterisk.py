"""Asterisk: manager events as JSON (DialBegin, DialEnd, Hangup, Cdr), sent by a script of the company.

The script signs like the generic format. Options of the channel: `extensions` {"201": "bob@demo.example"},
`time_zone` of the times in Cdr events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tickets import wording
from tickets.channels.base import NotUnderstood
from tickets.channels.phone.payloads import generic, values
from tickets.channels.phone.report import CallReport, News, Told
from tickets.models import Channel

EXTENSION = re.compile(r"\d{2,5}", re.ASCII)
PEER = re.compile(r"^(?:PJSIP|SIP|IAX2|Local)/(\d{2,5})\b", re.ASCII)
WITHIN = "Local/"  # a channel of the exchange itself: an agent's extension, or a queue or a menu
DIALLED = {
    "ANSWER": News.ANSWERED, "NOANSWER": News.MISSED, "CANCEL": News.MISSED, "BUSY": News.BUSY,
    "CHANUNAVAIL": News.FAILED, "CONGESTION": News.FAILED,
}  # fmt: skip
DISPOSED = {
    "ANSWERED": News.ANSWERED, "NO ANSWER": News.MISSED, "BUSY": News.BUSY, "FAILED": News.FAILED,
    "CONGESTION": News.FAILED,
}  # fmt: skip


def check(channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime) -> str:
    """Return the id of an event with a valid, recent signature of the generic format. Raises Refused."""
    return generic.check(channel, headers, raw, url=url, now=now)


def read(channel: Channel, raw: bytes, *, received_at: datetime) -> CallReport:
    """Return the report in an event. Raises NotUnderstood for any event but the four."""
    given = values.json_object(raw)
    call_id = next(
        (found for name in ("Linkedid", "LinkedID", "DestLinkedid", "UniqueID", "Uniqueid")
         if (found := values.text(given, name, longest=120))), "",
    )  # fmt: skip
    if not call_id:
        raise NotUnderstood(_("“Linkedid” and “Uniqueid” are missing."), code="no_call_id")
    caller = values.text(given, "Source") or values.text(given, "CallerIDNum")
    called = (
        values.text(given, "Destination")
        or values.text(given, "DestCallerIDNum")
        or values.text(given, "Exten")
    )
    is_out = bool(EXTENSION.fullmatch(caller))
    return CallReport(
        call_id=call_id,
        told=_told(channel, given, is_out=is_out, received_at=received_at),
        direction="out" if is_out else "in",
        number=called if is_out else caller,
        our_number=caller if is_out and EXTENSION.fullmatch(called) else "" if is_out else called,
        name="" if is_out else values.text(given, "CallerIDName"),
    )


def _told(channel: Channel, given: dict[str, Any], *, is_out: bool, received_at: datetime) -> Told:
    event = values.text(given, "Event")
    at = values.moment(given, "Timestamp") or received_at
    agent = _agent(given, is_out=is_out)
    if event == "Cdr":
        return _summary(channel, given, agent, is_out=is_out, received_at=received_at)
    if event == "DialBegin":
        return Told(News.STARTED, at, at.timestamp(), agent=agent if is_out else "")
    if event == "Hangup":
        return Told(News.ENDED, at, at.timestamp(), ended_at=at)
    if event == "DialEnd":
        news = DIALLED.get(values.text(given, "DialStatus"))
        if news is not None:
            told = agent if news == News.ANSWERED or is_out else ""
            is_sure = is_out or news != News.ANSWERED or _is_a_phone(channel, given)
            return Told(news, at, at.timestamp(), agent=told, is_sure=is_sure)
    raise NotUnderstood(_("Only DialBegin, DialEnd, Hangup and Cdr are accepted."), code="unknown_event")


def _summary(
    channel: Channel, given: dict[str, Any], agent: str, *, is_out: bool, received_at: datetime
) -> Told:
    news = DISPOSED.get(values.text(given, "Disposition"))
    if news is None:
        raise NotUnderstood(_("“Disposition” is not one that we know."), code="unknown_result")
    if news == News.ANSWERED and values.text(given, "LastApplication").lower() == "voicemail":
        news = News.VOICEMAIL
    ended_at = _local(channel, given, "EndTime") or received_at
    return Told(
        news=news,
        at=ended_at,
        order=ended_at.timestamp(),
        started_at=_local(channel, given, "StartTime"),
        answered_at=_local(channel, given, "AnswerTime") if news == News.ANSWERED else None,
        ended_at=ended_at,
        talk_seconds=values.whole(given, "BillableSeconds") if news == News.ANSWERED else None,
        agent=agent,
        is_sure=is_out or news != News.ANSWERED or _is_a_phone(channel, given),
    )


def _local(channel: Channel, given: dict[str, Any], name: str) -> datetime | None:
    """Read "2026-11-18 12:00:00" as the exchange's local time."""
    written = values.text(given, name)
    if not written:
        return None
    try:
        naive = datetime.fromisoformat(written)
    except ValueError as error:
        raise NotUnderstood(
            _("The value of “%(name)s” cannot be read.") % {"name": name}, code="odd_value"
        ) from error
    zone = wording.find_zone(str(channel.options.get("time_zone", "")))
    return naive if naive.tzinfo else naive.replace(tzinfo=zone)


def _is_a_phone(channel: Channel, given: dict[str, Any]) -> bool:
    """Tell whether somebody's phone took an incoming call: a queue or a menu has no channel beside it."""
    taken_by = values.text(given, "DestinationChannel") or values.text(given, "DestChannel")
    if not taken_by.startswith(WITHIN):
        return bool(taken_by)
    return values.names_a_person(channel, _agent(given, is_out=False))


def _agent(given: dict[str, Any], *, is_out: bool) -> str:
    """Return the extension of the agent who spoke, or an empty text."""
    if is_out:
        return values.text(given, "Source") or values.text(given, "CallerIDNum")
    peer = PEER.match(values.text(given, "DestinationChannel") or values.text(given, "DestChannel"))
    return peer[1] if peer else ""
