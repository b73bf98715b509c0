"""Asterisk's manager events as JSON."""

# mypy: disable-error-code="union-attr"

import pytest

from tests.tickets.channels.phone.told import send
from tickets.models import Call, Inbound

CDR = {
    "Event": "Cdr",
    "Source": "0612345678",
    "Destination": "0142000000",
    "CallerIDName": "Dana Petit",
    "DestinationChannel": "PJSIP/201-00000012",
    "LastApplication": "Dial",
    "StartTime": "2026-11-18 13:00:00",
    "AnswerTime": "2026-11-18 13:00:10",
    "EndTime": "2026-11-18 13:04:10",
    "Duration": 250,
    "BillableSeconds": 240,
    "Disposition": "ANSWERED",
    "UniqueID": "1700000000.17",
}


@pytest.fixture
def phone(cast):
    cast.phone.options = {
        "format": "asterisk",
        "extensions": {"201": "bob@demo.example"},
        "time_zone": "Europe/Paris",
        "region": "FR",
    }
    cast.phone.save()
    return cast.phone


def test_call_record_tells_all(phone, cast):
    assert send(phone, CDR).status_code == 200
    call = Call.objects.get()
    assert (call.result, call.agent, call.talk_seconds) == ("answered", cast.bob, 240)
    assert (call.customer_number, call.customer.name) == ("+33612345678", "Dana Petit")
    assert f"{call.started_at:%H:%M %Z}" == "12:00 UTC"


@pytest.mark.parametrize(
    ("disposition", "result"), [("NO ANSWER", "missed"), ("BUSY", "busy"), ("FAILED", "failed")]
)
def test_unanswered_record(phone, disposition, result):
    send(phone, {**CDR, "Disposition": disposition, "AnswerTime": "", "BillableSeconds": 0})
    assert Call.objects.get().result == result


def test_record_of_the_voicemail_application_is_a_voicemail(phone):
    send(phone, {**CDR, "LastApplication": "VoiceMail"})
    assert Call.objects.get().result == "voicemail"


def test_events_of_one_call_come_together(phone, cast):
    leg = {
        "Linkedid": "1.1",
        "CallerIDNum": "0612345678",
        "DestCallerIDNum": "201",
        "DestChannel": "PJSIP/201-01",
    }
    send(phone, {"Event": "DialBegin", "Timestamp": "1795003200.5", **leg})
    send(phone, {"Event": "DialEnd", "DialStatus": "ANSWER", "Timestamp": "1795003210", **leg})
    send(
        phone, {"Event": "Hangup", "Timestamp": "1795003330", "Linkedid": "1.1", "CallerIDNum": "0612345678"}
    )
    call = Call.objects.get()
    assert (call.result, call.agent, call.talk_seconds) == ("answered", cast.bob, 120)


def test_call_from_an_extension_is_outgoing(phone, cast):
    send(phone, {**CDR, "Source": "201", "Destination": "0612345678", "DestinationChannel": "PJSIP/trunk-01"})
    call = Call.objects.get()
    assert (call.direction, call.agent, call.customer_number) == ("out", cast.bob, "+33612345678")


@pytest.mark.parametrize(
    "event",
    [
        {"Event": "PeerStatus", "UniqueID": "1.1"},
        {"Event": "Cdr", "Disposition": "ANSWERED"},
        {**CDR, "EndTime": "yesterday"},
        {**CDR, "Disposition": "?"},
    ],
)
def test_event_that_cannot_be_read_is_kept(phone, event):
    assert send(phone, event).status_code == 422
    assert Inbound.objects.needing_attention().count() == 1


def test_unsigned_event_is_refused(phone):
    assert send(phone, CDR, secret="wrong").status_code == 401
