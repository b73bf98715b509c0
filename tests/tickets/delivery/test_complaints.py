"""Whoever complained about spam gets no automatic mail until an agent allows it again."""

import pytest
from django.urls import reverse

from tests import make
from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.outbound.outward import build_mail
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import bounces, complaints, outbox
from tickets.intake import receive
from tickets.models import Event, Identity, Outbound

REPORT = """\
From: feedback@provider.example
To: {to}
Subject: complaint
Message-ID: <complaint@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: provider/1.0
Version: 1
{fields}
--b
Content-Type: message/rfc822

Message-ID: {original}
Subject: x

--b--
"""


@pytest.fixture
def sent(cast, now):
    """Return the row of Alice's reply to Dana, which was sent."""
    ticket = make.ticket(cast.web, cast.dana)
    message = replies.reply(ticket, Words("Soon."), by=cast.acting("alice"), now=now)
    return outbox.deliver(message.outbounds.get().pk, now=now)


def about(row):
    return bounces.match_addresses(row, [], came_back=True)


def report(original, *, to="support@demo.example", fields="Original-Rcpt-To: dana@petit.example\n"):
    return REPORT.format(to=to, original=original, fields=fields).encode()


def arrive(raw, now, to="support@demo.example"):
    row, _ = mailroom.accept(raw, recipients=[to], now=now)
    return receive.process(row.pk, now=now)


def complained():
    return Identity.objects.get(value="dana@petit.example").complained_at is not None


def test_a_report_of_a_mail_of_no_ticket_opens_none(sent, now):
    original = build_mail(sent, now=now).extra_headers["Message-ID"]
    Outbound.objects.filter(pk=sent.pk).update(ticket=None, message=None)
    outcome = arrive(report(original), now)
    assert (outcome.state, outcome.ticket, complained()) == ("ignored", None, True)


def test_a_report_of_our_mail_marks_the_address_and_says_so_on_the_ticket(sent, now):
    original = build_mail(sent, now=now).extra_headers["Message-ID"]
    outcome = arrive(report(original), now)
    assert (outcome.state, outcome.ticket, complained()) == ("attached", sent.ticket, True)
    assert Event.objects.filter(ticket=sent.ticket, kind="address.complained").count() == 1


def test_a_report_that_anybody_could_have_written_marks_nothing(sent, now):
    arrive(report("<made@up.example>"), now)
    assert not complained()


@pytest.mark.parametrize("fields", ["", "Original-Rcpt-To: mallory@evil.example\n"])
def test_an_id_of_ours_alone_marks_nothing(sent, now, fields):
    arrive(report(build_mail(sent, now=now).extra_headers["Message-ID"], fields=fields), now)
    assert not complained()


def test_a_report_that_names_nobody_but_quotes_our_signed_sender_marks_the_address(sent, now):
    built = build_mail(sent, now=now)
    arrive(report("<x@y.example>", fields=f"Original-Mail-From: <{built.from_email}>\n"), now)
    assert complained()


def test_a_forged_signed_sender_proves_nothing(sent, now):
    forged = build_mail(sent, now=now).from_email.replace("@", "a@")
    arrive(report(sent.mail_id, fields=f"Original-Mail-From: <{forged}>\n"), now)
    assert not complained()


def test_no_thanks_are_sent_any_more_but_an_agents_answer_is(cast, sent, now):
    complaints.mark_complained(about(sent), now=now)
    ticket = arrive(mail("Dana <dana@petit.example>", "Another lamp."), now).ticket
    assert not ticket.outbounds.exists()
    message = replies.reply(ticket, Words("It leaves today."), by=cast.acting("alice"), now=now)
    assert outbox.deliver(message.outbounds.get().pk, now=now).state == "sent"


def test_what_software_had_already_written_does_not_leave(cast, sent, now):
    waiting = Outbound.objects.get(kind="ack", ticket=sent.ticket)
    complaints.mark_complained(about(sent), now=now)
    assert outbox.deliver(waiting.pk, now=now) is None
    waiting.refresh_from_db()
    assert (waiting.state, str(waiting.error)) == ("cancelled", "called spam by its recipient")


def test_an_agent_reads_it_on_the_card_and_takes_it_back(cast, sent, now, client):
    complaints.mark_complained(about(sent), now=now)
    client.force_login(cast.alice)
    card = client.get(reverse("desk:card", args=[sent.ticket.pk])).content.decode()
    assert "marked our email as spam" in card
    identity = Identity.objects.get(value="dana@petit.example")
    again = reverse("desk:allow_mail", args=[sent.ticket.pk, identity.pk])
    assert client.post(again, headers={"HX-Request": "true"}).status_code == 204
    assert not complained()
    assert Event.objects.filter(ticket=sent.ticket, kind="address.allowed").count() == 1


def test_told_twice_it_is_noted_once(sent, now):
    assert complaints.mark_complained(about(sent), now=now)
    assert not complaints.mark_complained(about(sent), now=now)
