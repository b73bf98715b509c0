"""Twilio's status callbacks: a form, signed with HMAC-SHA1 over the address and its sorted fields.

The channel's secret is the account's auth token. See Twilio's "Validating requests" and "Call resource".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from tickets.channels.base import NotUnderstood
from tickets.channels.phone.payloads import values
from tickets.channels.phone.report import CallReport, News, Told
from tickets.channels.signing import Refused, matches_any, valid_secrets
from tickets.models import Channel
from tickets.platform.text import make_json_storable

ANSWER = (
    "text/xml",
    "<Response/>",
)  # Twilio takes it as "nothing more to do", for actions and callbacks alike
MOST_FIELDS = 200
STARTED = ("queued", "initiated", "ringing")
ENDINGS = {"busy": News.BUSY, "failed": News.FAILED, "no-answer": News.MISSED, "canceled": News.MISSED}
NOT_A_PHONE = ("client:", "sip:", "sips:")
MACHINES = ("machine", "fax")  # how AnsweredBy begins where no person picked up
BRIDGED = "bridged"  # of QueueResult: an agent took the caller out of the queue


def check(channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime) -> str:
    """Return the ledger key of a callback with a valid signature: call id, status, sequence number.

    Twilio does not sign a time, but a repeated callback has the same key and changes nothing.

    Raises:
        Refused: the signature is missing or wrong.
        NotUnderstood: there is no call id, or the body is not a form.
    """
    given = headers.get("X-Twilio-Signature", "")
    fields = _fields(raw)
    if not given or not _is_genuine(given, url, fields, valid_secrets(channel)):
        raise Refused(_("X-Twilio-Signature does not match."), code="bad_signature")
    named = dict(fields)
    if not named.get("CallSid"):
        raise NotUnderstood(_("“CallSid” is missing."), code="no_call_id")
    names = ("CallSid", "CallStatus", "DialCallStatus", "QueueResult", "RecordingSid", "SequenceNumber")
    return ".".join(named.get(name, "") for name in names)[:190]


def read(channel: Channel, raw: bytes, *, received_at: datetime) -> CallReport:
    """Return the report in a callback. Raises NotUnderstood for an unknown status."""
    given: dict[str, str] = make_json_storable(dict(_fields(raw)))
    from_us = given.get("From", "").startswith(NOT_A_PHONE)
    is_leg = bool(given.get("ParentCallSid"))
    is_out = from_us or (not is_leg and given.get("Direction", "inbound").startswith("outbound"))
    theirs, ours = (
        (given.get("To", ""), given.get("From", ""))
        if is_out
        else (given.get("From", ""), given.get("To", ""))
    )
    return CallReport(
        call_id=values.text(given, "ParentCallSid") or values.text(given, "CallSid"),
        told=_told(given, is_out=is_out, is_leg=is_leg, received_at=received_at),
        direction="out" if is_out else "in",
        number=theirs,
        our_number="" if ours.startswith(NOT_A_PHONE) else ours,
        name=values.text(given, "CallerName"),
        transcript=values.text(given, "TranscriptionText", longest=values.LONGEST_TEXT),
        recording_url=values.text(given, "RecordingUrl", longest=500),
    )


def _told(given: dict[str, str], *, is_out: bool, is_leg: bool, received_at: datetime) -> Told:
    at = values.moment(given, "Timestamp") or received_at
    status = given.get("DialCallStatus") or given.get("CallStatus", "")
    by_dial = "DialCallStatus" in given and given.get("DialBridged", "true").lower() != "false"
    news, is_over = _news(status, given)
    sequence = values.whole(given, "SequenceNumber")
    seconds = values.whole(given, "DialCallDuration" if by_dial else "CallDuration")
    # "completed" for an incoming call's own leg may only mean that an announcement was played, or that a
    # queue or a menu took the call.
    by_a_person = is_out or is_leg or by_dial or given.get("QueueResult") == BRIDGED
    by_a_machine = given.get("AnsweredBy", "").startswith(MACHINES)
    is_sure = news != News.ANSWERED or (by_a_person and not by_a_machine)
    return Told(
        news=news,
        at=at,
        order=at.timestamp() if sequence is None else at.timestamp() + sequence / 1000,
        ended_at=at if is_over else None,
        talk_seconds=seconds if news == News.ANSWERED and is_over and is_sure else None,
        agent=_agent(given, is_out=is_out),
        is_sure=is_sure,
    )


def _news(status: str, given: dict[str, str]) -> tuple[str, bool]:
    """Return what a status means, and whether the leg is over."""
    if given.get("RecordingSid") and not given.get("DialCallStatus"):
        # <Record> records a voicemail; the recording of a conversation does not change the call's result.
        is_message = given.get("RecordingSource", "RecordVerb") == "RecordVerb"
        return (News.VOICEMAIL, True) if is_message else (News.NOTED, False)
    if status in STARTED:
        return News.STARTED, False
    if status in ("in-progress", "answered"):
        return News.ANSWERED, False
    if status == "completed":
        return News.ANSWERED, True
    if status in ENDINGS:
        return ENDINGS[status], True
    raise NotUnderstood(_("“CallStatus” is not one that we know."), code="unknown_event")


def _agent(given: dict[str, str], *, is_out: bool) -> str:
    """Return the address of the agent who spoke, if Twilio has it: client:bob@demo.example."""
    side = given.get("From" if is_out else "To", "")
    return (
        side.partition(":")[2].replace("_40", "@").replace("_2E", ".")[:200]
        if side.startswith(NOT_A_PHONE)
        else ""
    )


def _fields(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (ValueError, UnicodeDecodeError) as error:
        raise NotUnderstood(_("The body is not a form."), code="not_a_form") from error


def _is_genuine(given: str, url: str, fields: list[tuple[str, str]], secrets: Iterable[str]) -> bool:
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    expected = [
        base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        for secret in secrets
    ]
    return matches_any(expected, [given])
