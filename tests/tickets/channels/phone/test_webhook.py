"""The providers' door: signed, recent, once."""

# mypy: disable-error-code="union-attr"

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.tickets.channels.phone.told import headers_of, incoming, send
from tickets.clock import database_now
from tickets.models import Call, Inbound, Ticket


def test_signed_event_is_taken_in(cast):
    response = send(cast.phone, incoming("call.missed"))
    ticket = Ticket.objects.get()
    assert (response.status_code, response.json()["status"]) == (200, "opened")
    assert response.json()["ticket"] == ticket.pk


def test_raw_body_is_kept(cast):
    raw = json.dumps(incoming("call.missed")).encode()
    send(cast.phone, raw, event_id="e1")
    assert bytes(Inbound.objects.get(source_key="e1").raw.data) == raw


@pytest.mark.parametrize("name", ["X-Tandem-Id", "X-Tandem-Signature"])
def test_unsigned_event_is_refused(cast, name):
    response = send(cast.phone, incoming("call.missed"), headers={name: ""})
    assert (response.status_code, response.json()["code"]) == (401, "unsigned")
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    "signature", ["t=1", "v1=ab", "t=x,v1=ab", "t=,v1=", "t=1,v1=" + "0" * 64, "nonsense", "," * 5000, "é"]
)
def test_odd_signature_is_refused(cast, signature):
    response = send(cast.phone, incoming("call.missed"), headers={"X-Tandem-Signature": signature})
    assert response.status_code == 401


def test_any_flipped_bit_is_refused(cast):
    raw, now = json.dumps(incoming("call.missed")).encode(), database_now()
    signing = headers_of(cast.phone.secret, raw, event_id="e1", at=now)
    for place in range(0, len(raw), 7):
        changed = bytearray(raw)
        changed[place] ^= 1
        response = Client().post(
            reverse("webhook", args=[cast.phone.slug, cast.phone.key]),
            bytes(changed),
            content_type="application/json",
            headers=signing,
        )
        assert response.status_code == 401
    assert not Inbound.objects.exists()


def test_signature_of_another_id_is_refused(cast):
    assert send(cast.phone, incoming("call.missed"), headers={"X-Tandem-Id": "another"}).status_code == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_stamp_more_than_five_minutes_off_is_refused(cast, minutes):
    response = send(cast.phone, incoming("call.missed"), at=database_now() + timedelta(minutes=minutes))
    assert (response.status_code, response.json()["code"]) == (401, "stale")


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_a_little(cast, minutes):
    response = send(cast.phone, incoming("call.missed"), at=database_now() + timedelta(minutes=minutes))
    assert response.status_code == 200


def test_both_living_secrets_are_taken_and_no_older_one(cast):
    old, cast.phone.previous_secret = cast.phone.secret, cast.phone.secret
    cast.phone.secret = "a-new-secret"
    cast.phone.save()
    assert send(cast.phone, incoming("call.missed"), secret=old).status_code == 200
    assert send(cast.phone, incoming("call.missed"), secret="a-new-secret").status_code == 200
    cast.phone.previous_secret = ""
    cast.phone.save()
    assert send(cast.phone, incoming("call.missed"), secret=old).status_code == 401


def test_empty_secret_signs_nothing(cast):
    cast.phone.secret = cast.phone.previous_secret = ""
    cast.phone.save()
    raw = json.dumps(incoming("call.missed")).encode()
    signing = headers_of("", raw, event_id="e1", at=database_now())
    assert send(cast.phone, raw, secret="x", headers=signing).status_code == 401


def test_same_event_again_gets_the_same_answer_and_no_second_row(cast):
    first, second = (send(cast.phone, incoming("call.missed"), event_id="e1") for _ in range(2))
    assert first.json() == second.json()
    assert Inbound.objects.count() == Call.objects.count() == Ticket.objects.count() == 1


def test_same_id_with_another_body_is_refused(cast):
    send(cast.phone, incoming("call.missed"), event_id="e1")
    response = send(cast.phone, incoming("call.missed", call_id="c2"), event_id="e1")
    assert (response.status_code, response.json()["code"]) == (409, "id_reused")
    assert Inbound.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_hundred_copies_at_once_are_one_row(cast):
    raw, now = json.dumps(incoming("call.missed")).encode(), database_now()
    signing = headers_of(cast.phone.secret, raw, event_id="e1", at=now)
    address = reverse("webhook", args=[cast.phone.slug, cast.phone.key])

    def post(_: int) -> int:
        try:
            return Client().post(
                address, raw, content_type="application/json", headers=signing
            ).status_code  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as many:
        answers = set(many.map(post, range(100)))
    assert answers == {200}
    assert Inbound.objects.count() == Call.objects.count() == Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_all_events_of_one_call_at_once_are_one_call(cast):
    events = [
        incoming(f"call.{news}", at=database_now().timestamp() + n, agent="bob@demo.example")
        for n, news in enumerate(("started", "answered", "ended"))
    ]

    def post(event: dict[str, object]) -> int:
        try:
            return int(send(cast.phone, event).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as many:
        assert set(many.map(post, events)) == {200}
    call = Call.objects.get()
    assert (call.result, Ticket.objects.count()) == ("answered", 1)
    assert call.ticket.messages.count() == 1


def test_body_over_64_kilobytes_is_refused_unread(cast):
    response = send(cast.phone, b"x" * (64 * 1024 + 1))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (b"not json", "not_json"),
        (b"[]", "not_an_object"),
        (b"[" * 60_000, "not_json"),
        ({"event": "call.missed"}, "no_call_id"),
        ({"event": "call.danced", "call_id": "c1"}, "unknown_event"),
        ({"event": "call", "call_id": "c1", "result": "danced"}, "unknown_result"),
        ({"event": "call.missed", "call_id": "c1", "direction": "sideways"}, "unknown_direction"),
        ({"event": "call.ended", "call_id": "c1", "duration": "long"}, "odd_value"),
        ({"event": "call.ended", "call_id": "c1", "duration": -5}, "odd_value"),
        ({"event": "call.missed", "call_id": "c1", "at": "yesterday"}, "odd_value"),
        ({"event": "call.missed", "call_id": "c1", "at": "2026-11-18T12:00:00"}, "odd_value"),
        ({"event": "call.missed", "call_id": "c1", "at": 1e300}, "odd_value"),
    ],
)
def test_event_that_cannot_be_read_is_kept_and_its_sender_told(cast, event, code):
    response = send(cast.phone, event)
    row = Inbound.objects.needing_attention().get()
    assert (response.status_code, row.rule) == (422, code)
    assert response.json()["detail"] == row.why


def test_unknown_and_closed_channels_are_not_found(cast):
    cast.phone.is_active = False
    cast.phone.save()
    assert send(cast.phone, incoming("call.missed")).status_code == 404
    assert send(cast.chat, incoming("call.missed")).status_code == 404


def test_only_post_is_taken(cast, client):
    response = client.get(reverse("webhook", args=[cast.phone.slug, cast.phone.key]))
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
