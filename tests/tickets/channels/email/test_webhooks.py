"""Mail providers' webhooks, from the signed request to the ledger and to the state of what we sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest

from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.inbound.providers import PROVIDERS
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import Inbound, Message, Outbound

KEY = "signing-key-of-mailgun"
RAW = (
    b"From: Dana <dana@petit.example>\r\nTo: support@demo.example\r\nSubject: Caf\xe9\r\n"
    b"Message-ID: <m1@petit.example>\r\n\r\nThe lamp\x80 is broken.\r\n"
)


@pytest.fixture
def mailgun(cast, client):
    """Return functions that send signed requests of Mailgun to the support mailbox's door."""
    cast.mailbox.options, cast.mailbox.secret = {"provider": "mailgun"}, KEY
    cast.mailbox.save()
    return Mailgun(client, f"/channels/email/{cast.mailbox.key}/")


class Mailgun:
    def __init__(self, client, address):
        self.client, self.address = client, address
        self.signed_at = int(time.time())  # what is sent again carries its first signature

    def signature(self, token="t" * 50, key=KEY, age=0):
        stamp = str(self.signed_at - age)
        signed = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        return {"timestamp": stamp, "token": token, "signature": signed}

    def mail(self, raw=RAW, multipart=False, **signing):
        signature = self.signature(**signing)
        fields = {b"recipient": b"support@demo.example", b"body-mime": raw}
        fields |= {name.encode(): value.encode() for name, value in signature.items()}
        if not multipart:
            return self._post(urlencode(fields), "application/x-www-form-urlencoded")
        edge = b"0a1b2c3d4e"
        parts = [
            b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (edge, name, value)
            for name, value in fields.items()
        ]
        return self._post(
            b"".join(parts) + b"--" + edge + b"--\r\n", f"multipart/form-data; boundary={edge.decode()}"
        )

    def event(self, kind, mail_id, token="e" * 50, **details):
        data = {
            "event": kind,
            "timestamp": 1794996000.5,
            "recipient": "dana@petit.example",
            "message": {"headers": {"message-id": mail_id}},
            **details,
        }
        document = {"signature": self.signature(token), "event-data": data}
        return self.client.post(
            self.address + "tracking/", json.dumps(document), content_type="application/json"
        )

    def _post(self, body, content_type):
        return self.client.post(self.address, body, content_type=content_type)


@pytest.mark.parametrize("multipart", [False, True])
def test_a_signed_mail_is_in_the_ledger_byte_for_byte(mailgun, multipart):
    answer = mailgun.mail(multipart=multipart)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1})
    assert bytes(Inbound.objects.get().raw.data) == RAW


@pytest.mark.parametrize(
    "signing", [{"key": "somebody-else"}, {"key": ""}], ids=["another key", "an empty key"]
)
def test_a_wrong_signature_is_refused(mailgun, signing):
    assert mailgun.mail(**signing).status_code == 401
    assert not Inbound.objects.exists()


def test_sent_again_it_is_one_mail(mailgun):
    assert (mailgun.mail().status_code, mailgun.mail().status_code) == (200, 200)
    assert Inbound.objects.count() == 1


def test_a_signature_is_good_for_one_body_only(mailgun):
    mailgun.mail()
    answer = mailgun.mail(RAW.replace(b"lamp", b"bomb"))
    assert (answer.status_code, answer.json()["code"]) == (401, "replayed")
    assert Inbound.objects.count() == 1


def test_a_signature_older_than_what_is_remembered_is_refused(mailgun):
    answer = mailgun.mail(age=3 * 24 * 3600)
    assert (answer.status_code, answer.json()["code"]) == (401, "too_old")
    assert not Inbound.objects.exists()


def test_the_same_mail_by_another_way_in_is_one_message(mailgun, now):
    mailroom.accept(RAW, recipients=["support@demo.example"], now=now)
    mailgun.mail()
    assert Inbound.objects.count() == 1


def test_the_mail_becomes_a_ticket(mailgun, now):
    mailgun.mail()
    outcome = receive.process(Inbound.objects.get().pk, now=now)
    assert (outcome.state, outcome.ticket.customer.name) == ("opened", "Dana Petit")


@pytest.fixture
def postmark(cast, client):
    """Return a function that posts JSON to the door with Postmark's way to sign in."""
    cast.mailbox.options, cast.mailbox.secret = {"provider": "postmark"}, "a-long-password"
    cast.mailbox.save()

    def post(document, password="a-long-password", where=""):
        word = base64.b64encode(f"tandem:{password}".encode()).decode()
        return client.post(
            f"/channels/email/{cast.mailbox.key}/{where}",
            document if isinstance(document, str) else json.dumps(document),
            content_type="application/json",
            headers={"authorization": f"Basic {word}"},
        )

    return post


FIELDS = {
    "FromFull": {"Email": "dana@petit.example", "Name": "Dana Petit"},
    "ToFull": [{"Email": "support@demo.example", "Name": ""}],
    "OriginalRecipient": "support@demo.example",
    "Subject": "My lamp",
    "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
    "TextBody": "It is broken.",
    "Headers": [{"Name": "Message-ID", "Value": "<p1@petit.example>"}],
}


def test_a_provider_without_raw_mails_has_them_put_together_again(postmark, now):
    assert postmark(FIELDS).status_code == 200
    outcome = receive.process(Inbound.objects.get().pk, now=now)
    assert (outcome.ticket.subject, outcome.message.text.strip()) == ("My lamp", "It is broken.")


def test_its_raw_mail_is_preferred(postmark):
    raw = mail("dana@petit.example", "Hello").decode()
    postmark({**FIELDS, "RawEmail": raw})
    assert bytes(Inbound.objects.get().raw.data) == raw.encode()


def test_a_wrong_password_is_refused(postmark):
    assert postmark(FIELDS, password="guess").status_code == 401


@pytest.mark.parametrize("document", ["no json at all", "[]", '{"FromFull": 3}'])
def test_what_a_provider_sends_and_nobody_can_read_waits_for_a_person(postmark, document, now):
    assert postmark(document).status_code == 200
    row = Inbound.objects.get()
    assert receive.process(row.pk, now=now).state == "quarantined"
    assert bytes(row.raw.data) == document.encode()


def test_an_unknown_door_is_not_found(client, cast):
    assert client.post("/channels/email/nowhere/").status_code == 404
    assert client.post(f"/channels/email/{cast.mailbox.key}/").status_code == 404
    assert client.get(f"/channels/email/{cast.mailbox.key}/").status_code == 405


@pytest.fixture
def provider_api(settings):
    """A provider's sending API on the loopback, and mails sent by it."""
    taken = []

    class Api(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"id": "<2026.abc@mg.demo.example>", "message": "Queued."}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {
        "api_key": "key",
        "sender_domain": "mg.demo.example",
        "api_url": f"http://127.0.0.1:{server.server_port}/v3",
    }
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.mailgun.EmailBackend", "OPTIONS": options}}
    yield taken
    server.shutdown()
    server.server_close()


@pytest.fixture
def sent(cast, mailgun, provider_api, now):
    """Return the outbox row of Alice's reply, sent by the provider's API."""
    mailgun.mail()
    ticket = receive.process(Inbound.objects.get().pk, now=now).ticket
    message = replies.reply(ticket, Words("A new one leaves."), by=cast.acting("alice"), now=now)
    row = message.outbounds.get()
    Outbound.objects.filter(pk=row.pk).update(state="queued", next_attempt_at=now)
    outbox.deliver(row.pk, now=now)
    row.refresh_from_db()
    return row


def test_what_a_provider_delivered_is_told_on_the_mail(mailgun, sent):
    assert (sent.state, sent.provider_id) == ("sent", "<2026.abc@mg.demo.example>")
    assert mailgun.event("delivered", "2026.abc@mg.demo.example").status_code == 200
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at is not None) == ("delivered", True)


def test_what_a_provider_could_not_deliver_comes_back_to_its_agent(mailgun, sent):
    details = {
        "severity": "permanent",
        "reason": "bounce",
        "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
    }
    mailgun.event("failed", "2026.abc@mg.demo.example", **details)
    sent.refresh_from_db()
    assert (sent.state, sent.ticket.state, "5.1.1" in str(sent.error)) == ("bounced", "open", True)


def test_an_event_told_twice_or_in_the_wrong_order_changes_nothing(mailgun, sent):
    failed = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": ""}}
    mailgun.event("failed", "2026.abc@mg.demo.example", **failed)
    mailgun.event("failed", "2026.abc@mg.demo.example", **failed)
    mailgun.event("delivered", "2026.abc@mg.demo.example", token="f" * 50)
    sent.refresh_from_db()
    assert (sent.state, Inbound.objects.filter(kind="tracking").count()) == ("bounced", 2)


def test_an_event_of_no_mail_of_ours_is_kept_and_ignored(mailgun, cast):
    mailgun.event("delivered", "stranger@mg.demo.example")
    row = Inbound.objects.get()
    assert (row.state, row.rule, Message.objects.count()) == ("ignored", "tracking_unmatched", 0)


def test_a_complaint_told_by_the_provider_marks_the_address(mailgun, sent):
    mailgun.event("complained", "2026.abc@mg.demo.example")
    assert sent.participant.identity.__class__.objects.get(value=sent.to).complained_at is not None


@pytest.mark.parametrize("kind", ["delivered", "failed", "complained"])
def test_an_event_about_somebody_else_changes_nothing(mailgun, sent, kind):
    details = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": ""}}
    mailgun.event(kind, "2026.abc@mg.demo.example", recipient="mallory@evil.example", **details)
    sent.refresh_from_db()
    identity = sent.participant.identity
    assert (sent.state, identity.undeliverable_at, identity.complained_at) == ("sent", None, None)


def test_what_became_of_a_copy_is_not_said_of_the_mail(mailgun, sent):
    Outbound.objects.filter(pk=sent.pk).update(cc=["copy@elsewhere.example"])
    details = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": ""}}
    for kind in ("delivered", "failed"):
        mailgun.event(
            kind, "2026.abc@mg.demo.example", recipient="copy@elsewhere.example", token=kind * 9, **details
        )
    sent.refresh_from_db()
    assert (sent.state, "copy@elsewhere.example" in str(sent.error)) == ("sent", True)


def test_a_mail_too_large_to_take_is_told_to_a_person(mailgun, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    large = RAW + b"x" * 5_000
    assert [mailgun.mail(large).status_code for _try in range(2)] == [413, 413]
    row = Inbound.objects.needing_attention().get()
    assert (row.state, row.rule) == ("quarantined", "too_large")
    assert "dana@petit.example · Café" in row.why


def test_what_is_too_large_and_says_nothing_of_itself_is_told_too(client, cast, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    cast.mailbox.options = {"provider": "mailgun"}
    cast.mailbox.save()
    address = f"/channels/email/{cast.mailbox.key}/"
    for number in range(30):
        body = b"%d" % number + b"\x00\xff" * 1_000
        assert client.post(address, body, content_type="application/octet-stream").status_code == 413
    assert Inbound.objects.needing_attention().count() == 20


@pytest.mark.parametrize("odd", ["a\x00b", "\ud800", "x\udfff"])
def test_events_with_what_cannot_be_stored_are_taken_in(mailgun, cast, odd):
    kinds = ("delivered", "failed", "complained", odd)
    for number, kind in enumerate(kinds):
        answer = mailgun.event(
            kind,
            odd if number % 2 else "<m@x.example>",
            token=f"{number}".ljust(50, "e"),
            id=f"{number}{odd}",
            recipient=odd,
            severity=odd if number else "permanent",
            reason=odd,
            **{"delivery-status": {"message": odd, "description": odd, "code": 550}},
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("odd", [b"\x00", b"\xed\xa0\x80", b"=?utf-8?q?=00=ED=A0=80?="])
def test_mails_with_what_cannot_be_stored_are_taken_in(mailgun, now, odd):
    raw = RAW.replace(b"Caf\xe9", odd).replace(b"lamp", b"lamp" + odd)
    assert mailgun.mail(raw).status_code == 200
    receive.process_due(now=Inbound.objects.get().received_at)
    assert bytes(Inbound.objects.get().raw.data) == raw
    assert Inbound.objects.get().state != Inbound.State.FAILED


@pytest.mark.parametrize("token", ["a\x00b", "é" * 50])
def test_an_odd_token_is_no_fault_of_ours(mailgun, token):
    assert mailgun.mail(token=token).status_code < 500


GARBAGE = (
    b"", b"null", b"[]", b'"x"', b"7", b"{}", b'{"signature": 7}', b'{"signature": {"token": null}}',
    b"\xff\xfe", b"[" * 50_000, b'{"signature": ' + b"[" * 50_000, b"\x00",
    b"a=%00&timestamp=\xc2\xb2&token=%F0%9F%92%A3",
)  # fmt: skip


# Mailtrap's reader asks for a token in the installation's settings before anything else.
@pytest.mark.parametrize("provider", [name for name in PROVIDERS if name != "mailtrap"])
def test_garbage_that_nobody_signed_is_no_fault_of_ours(cast, client, provider):
    cast.mailbox.options, cast.mailbox.secret = {"provider": provider}, KEY
    cast.mailbox.save()
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")
    for door in ("", "tracking/"):
        for body in GARBAGE:
            for kind in kinds:
                answer = client.post(f"/channels/email/{cast.mailbox.key}/{door}", body, content_type=kind)
                assert 400 <= answer.status_code < 500, (door, body[:40], kind, answer.status_code)
    assert not Inbound.objects.exists()
