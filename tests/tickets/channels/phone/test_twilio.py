"""Twilio's status callbacks, with its own signature."""

# mypy: disable-error-code="union-attr"

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tickets.models import Call, Inbound, Ticket

TOKEN = "12345"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "AccountSid": "AC1",
    "From": "+33612345678",
    "To": "+33142000000",
    "Direction": "inbound",
    "ApiVersion": "2010-04-01",
}


@pytest.fixture
def phone(cast):
    cast.phone.options, cast.phone.secret = {"format": "twilio"}, TOKEN
    cast.phone.save()
    return cast.phone


def signature_of(url, fields, token=TOKEN):
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def send(phone, signature="", **changes):
    fields, path = {**CALL, **changes}, reverse("webhook", args=[phone.slug, phone.key])
    given = signature or signature_of(f"http://127.0.0.1:8000{path}", fields)
    return Client().post(
        path,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": given},
    )


def test_signature_is_twilios_own():
    """Twilio's published example (Validating requests)."""
    fields = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
        "From": "+14158675309", "To": "+18005551212",
    }  # fmt: skip
    assert (
        signature_of("https://mycompany.com/myapp.php?foo=1&bar=2", fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    )


def test_signed_callback_is_taken_in_and_answered_with_nothing_to_do(phone):
    response = send(phone, CallStatus="no-answer")
    assert (response.status_code, response.content) == (200, b"<Response/>")
    assert (Call.objects.get().result, Ticket.objects.count()) == ("missed", 1)


@pytest.mark.parametrize("signature", ["AAAA", "é", signature_of("http://other.example/", CALL)])
def test_forged_callback_is_refused(phone, signature):
    assert send(phone, signature=signature, CallStatus="completed").status_code == 401
    assert not Inbound.objects.exists()


def test_same_callback_again_changes_nothing(phone):
    for _ in range(3):
        assert send(phone, CallStatus="no-answer").status_code == 200
    assert Inbound.objects.count() == Call.objects.count() == 1


def test_callback_without_a_call_is_told_so(phone):
    response = send(phone, CallSid="", CallStatus="completed")
    assert (response.status_code, response.json()["code"]) == (400, "no_call_id")


def test_status_nobody_knows_is_kept_for_a_person(phone):
    assert send(phone, CallStatus="dancing").status_code == 422
    assert Inbound.objects.needing_attention().get().rule == "unknown_event"


def leg(phone, status, **more):
    """Send a callback of the leg that rings at an agent's phone."""
    return send(
        phone,
        CallSid="CAleg",
        ParentCallSid=CALL["CallSid"],
        To="client:bob_40demo_2Eexample",
        CallStatus=status,
        **more,
    )


def test_agents_leg_says_who_answered_and_how_long(phone, cast):
    send(phone, CallStatus="ringing", SequenceNumber="0")
    leg(phone, "in-progress", Timestamp="Wed, 18 Nov 2026 12:00:10 +0000", SequenceNumber="1")
    leg(
        phone,
        "completed",
        Timestamp="Wed, 18 Nov 2026 12:04:10 +0000",
        CallDuration="240",
        SequenceNumber="2",
    )
    call = Call.objects.get()
    assert (call.result, call.agent, call.talk_seconds) == ("answered", cast.bob, 240)
    assert (call.customer_number, Ticket.objects.count()) == ("+33612345678", 1)


def test_announcement_alone_is_no_answer(phone):
    send(phone, CallStatus="in-progress", Timestamp="Wed, 18 Nov 2026 12:00:00 +0000")
    send(
        phone, CallStatus="completed", DialCallStatus="no-answer", Timestamp="Wed, 18 Nov 2026 12:00:30 +0000"
    )
    send(phone, CallStatus="completed", CallDuration="30", Timestamp="Wed, 18 Nov 2026 12:00:31 +0000")
    assert Call.objects.get().result == "missed"


def test_message_left_is_a_voicemail_with_its_recording(phone):
    send(phone, CallStatus="no-answer")
    send(
        phone,
        CallStatus="completed",
        RecordingSid="RE1",
        RecordingUrl="https://api.twilio.com/RE1",
        TranscriptionText="Call me back, please.",
    )
    call = Call.objects.get()
    assert (call.result, call.recording_url) == ("voicemail", "https://api.twilio.com/RE1")
    assert call.message.text == "Voicemail\n\nCall me back, please."


def test_recording_of_a_talk_is_no_voicemail(phone):
    leg(phone, "completed", CallDuration="60")
    send(
        phone,
        CallStatus="completed",
        RecordingSid="RE1",
        RecordingSource="DialVerb",
        RecordingUrl="https://t.co/1",
    )
    assert (Call.objects.get().result, Call.objects.get().recording_url) == ("answered", "https://t.co/1")


def test_agents_own_call_is_outgoing(phone, cast):
    send(
        phone,
        From="client:bob_40demo_2Eexample",
        To="+33612345678",
        CallStatus="completed",
        CallDuration="65",
    )
    call = Call.objects.get()
    assert (call.direction, call.agent, call.customer_number) == ("out", cast.bob, "+33612345678")
    assert call.talk_seconds == 65


def test_withheld_number_is_none(phone):
    send(phone, From="+266696687", CallStatus="no-answer")
    assert Call.objects.get().customer_number == ""


def test_auth_token_is_entered_in_the_settings(phone, cast, client):
    client.force_login(cast.admin)
    address = reverse("admin:tickets_channel_change", args=[phone.pk])
    form = {
        "slug": "phone", "name": "Phone", "queue": phone.queue_id, "language": "en",
        "options": '{"format": "twilio"}', "is_active": "on", "provider_secret": "the-new-token",
    }  # fmt: skip
    response = client.post(address, form)
    phone.refresh_from_db()
    assert response.status_code == 302
    assert (phone.secret, phone.previous_secret) == ("the-new-token", TOKEN)
    assert 'name="provider_secret" value' not in client.get(address).text
