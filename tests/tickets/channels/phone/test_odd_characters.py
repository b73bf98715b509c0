"""Signed events with a NUL or half a character in any value: taken in or set aside, the raw bytes kept."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.tickets.channels.phone.told import incoming, send
from tickets.models import Inbound

ODD = ["a\x00b", "\x00", "\ud800", "x\udfff\ud800y", "+336\x0012345678"]
GENERIC = incoming("call.missed") | {
    "name": "Dana", "at": "2026-11-18T12:00:00Z", "agent": "bob@demo.example", "recording_url": "https://x/1",
    "transcript": "Hello", "note": "x", "direction": "in", "duration": 7, "result": "missed",
}  # fmt: skip
ASTERISK = {
    "Event": "Cdr", "Linkedid": "1.2", "Source": "0612345678", "Destination": "0142000000",
    "CallerIDName": "Dana", "Disposition": "NO ANSWER", "StartTime": "2026-11-18 12:00:00",
    "EndTime": "2026-11-18 12:00:30", "BillableSeconds": "0", "DestinationChannel": "PJSIP/201-0001",
    "Timestamp": "1794996000", "LastApplication": "Dial",
}  # fmt: skip
TWILIO = {
    "CallSid": "CA1", "CallStatus": "no-answer", "From": "+33612345678", "To": "+33142000000",
    "Direction": "inbound", "CallerName": "Dana", "Timestamp": "Wed, 18 Nov 2026 12:00:00 +0000",
    "SequenceNumber": "1", "ParentCallSid": "CA0", "TranscriptionText": "Hello", "RecordingUrl": "https://x/1",
}  # fmt: skip


def changed(event):
    """Go through an event with each value, and each name, made odd."""
    for name in event:
        for odd in ODD:
            yield {**event, name: odd}
    yield event | {"a\x00\ud800": "x"}


@pytest.mark.parametrize(("form", "event"), [("generic", GENERIC), ("asterisk", ASTERISK)])
def test_json_events_are_kept_whatever_is_in_them(cast, form, event):
    cast.phone.options = {"format": form}
    cast.phone.save()
    for number, odd in enumerate(changed(event)):
        raw = json.dumps(odd).encode()
        answer = send(cast.phone, raw, event_id=f"e{number}")
        assert answer.status_code in (200, 422), odd
        row = Inbound.objects.get(source_key=f"e{number}")
        assert bytes(row.raw.data) == raw
        assert row.state not in (Inbound.State.STORED, Inbound.State.FAILED)


def test_callbacks_of_twilio_are_kept_whatever_is_in_them(cast):
    cast.phone.options = {"format": "twilio"}
    cast.phone.save()
    address = reverse("webhook", args=[cast.phone.slug, cast.phone.key])
    for odd in changed(TWILIO):
        fields = {name: value.encode("utf-8", "replace").decode() for name, value in odd.items()}
        fields = {name.replace("\ud800", "?"): value for name, value in fields.items()}
        signed = settings.PUBLIC_URL + address + "".join(n + v for n, v in sorted(fields.items()))
        mac = hmac.new(cast.phone.secret.encode(), signed.encode(), hashlib.sha1).digest()
        signing = {"X-Twilio-Signature": base64.b64encode(mac).decode()}
        kind = "application/x-www-form-urlencoded"
        answer = Client().post(address, urlencode(fields), content_type=kind, headers=signing)
        assert answer.status_code in (200, 400, 409, 422), odd


def test_lone_surrogates_as_bytes_are_no_fault_of_ours(cast):
    answer = send(cast.phone, b'{"event": "call.missed", "call_id": "\xed\xa0\x80", "from": "+33612345678"}')
    assert answer.status_code in (200, 422)
    assert Inbound.objects.get().state not in (Inbound.State.STORED, Inbound.State.FAILED)


@pytest.mark.parametrize("length", ["²", "9" * 30, "-1", "x"])
def test_an_odd_length_is_no_fault_of_ours(cast, length):
    answer = send(cast.phone, incoming("call.missed"), headers={"Content-Length": length})
    assert answer.status_code < 500
