"""Which mails prove their sender's address: those that name one author plainly, and are not disowned."""

from __future__ import annotations

import pytest

from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.intake import receive

VICTIM = "dana@petit.example"
# How a sender may be told to us so that a mail server that checks DMARC looks at another domain, or at none.
TOLD_OTHERWISE = {
    "no From, but a Sender": (b"Sender: dana@petit.example", b""),
    "an empty From": (b"From:\r\nSender: dana@petit.example", b""),
    "an encoded From": (b"From: =?utf-8?q?Dana_=3Cdana=40petit.example=3E?=", b""),
    "two authors, the victim first": (b"From: dana@petit.example, eve@attacker.example", b""),
    "two From fields": (b"From: dana@petit.example\r\nFrom: eve@attacker.example", b""),
    "judged by another domain": (b"From: dana@petit.example", b"dmarc=pass header.from=attacker.example"),
    "an unseen character": ("From: dana@pe\u200btit.example".encode(), b""),
    "a space in the domain": (b"From: <dana@petit .example>", b""),
}


def taken_in(cast, now, sender: bytes, verdict: bytes):
    cast.mailbox.options = {"authserv_id": "mx.demo.example"}
    cast.mailbox.save()
    raw = mail("x@x.example", "Who am I?").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    raw = raw.replace(b"From: x@x.example", sender)
    if verdict:
        raw = b"Authentication-Results: mx.demo.example; " + verdict + b"\r\n" + raw
    row, _new = mailroom.accept(raw, recipients=["support@demo.example"], now=now)
    return receive.process(row.pk, now=now)


@pytest.mark.parametrize(("sender", "verdict"), TOLD_OTHERWISE.values(), ids=TOLD_OTHERWISE.keys())
def test_a_sender_told_in_a_way_that_dmarc_does_not_look_at_is_only_a_claim(cast, now, sender, verdict):
    outcome = taken_in(cast, now, sender, verdict)
    assert outcome.ticket is None or outcome.ticket.customer != cast.dana


@pytest.mark.parametrize("verdict", [b"", b"dmarc=none header.from=petit.example", b"dmarc=pass"])
def test_a_plain_sender_is_proved(cast, now, verdict):
    assert taken_in(cast, now, b"From: Dana <Dana@Petit.example>", verdict).ticket.customer == cast.dana


@pytest.mark.parametrize(
    "odd", ["dana@petit.e\uff58ample", "dana@\u2119etit.example", "\uff44ana@petit.example"]
)
def test_letters_that_only_look_like_others_are_no_address(cast, now, odd):
    outcome = taken_in(cast, now, f"From: {odd}".encode(), b"")
    assert (outcome.state, outcome.ticket) == ("quarantined", None)


def test_the_sign_for_kelvin_is_no_k(cast, now):
    outcome = taken_in(cast, now, "From: \u212aate@petit.example".encode(), b"")
    assert outcome.ticket is None


REPORT = b"""From: Dana <dana@petit.example>
To: support@demo.example
Subject: My lamp
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

Give me my order.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
User-Agent: x/1
%s
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; nobody@petit.example
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <unknown@petit.example>
Subject: x

x
--b--
"""


@pytest.mark.parametrize("extra", [b"", b"Action: failed\nStatus: 5.0.0", b"Original-Rcpt-To: a@b.example"])
@pytest.mark.parametrize("header", [b"", b"X-Failed-Recipients: a@b.example\n", b"Return-Path: <>\n"])
def test_a_report_about_no_mail_of_ours_is_judged_like_any_other(cast, now, extra, header):
    cast.mailbox.options = {"authserv_id": "mx.demo.example"}
    cast.mailbox.save()
    judged = b"Authentication-Results: mx.demo.example; dmarc=fail header.from=petit.example\n"
    row, _new = mailroom.accept(
        header + judged + REPORT % extra, recipients=["support@demo.example"], now=now
    )
    assert receive.process(row.pk, now=now).ticket is None
