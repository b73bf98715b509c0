"""Mail that came back: which it was, whose address it marks, and whose work it is again."""

import pytest

from tests import make
from tests.mails import mail
from tickets import conversation, delivery, intake
from tickets.channels.email import mailroom
from tickets.channels.email.outward import build
from tickets.conversation import Words
from tickets.models import Identity

REPORT = """\
From: mailer-daemon@petit.example
To: {to}
Subject: Undelivered Mail
Message-ID: <{id}@petit.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; petit.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
--b
Content-Type: message/rfc822

Message-ID: {original}
Subject: x

--b--
"""


@pytest.fixture
def sent(cast, now):
    """Return Alice's reply that has left, and the mail it was."""
    ticket = make.ticket(cast.web, cast.dana)
    message = conversation.reply(ticket, Words("Soon."), by=cast.acting("alice"), now=now)
    outbound = delivery.deliver(message.outbounds.get().pk, now=now)
    return outbound, build(outbound, now=now)


@pytest.fixture
def come_back(sent, now):
    def arrive(to=None, status="5.1.1", action="failed", address="dana@petit.example", original="", number=1):
        outbound, built = sent
        to = to or built.from_email
        raw = REPORT.format(
            to=to, status=status, action=action, address=address, original=original, id=number
        )
        row, _ = mailroom.accept(raw.encode(), recipients=[to], now=now)
        outcome = intake.process(row.pk, now=now)
        outbound.refresh_from_db()
        return outcome

    return arrive


def test_the_envelope_names_an_address_of_this_mail_alone(sent):
    outbound, built = sent
    assert f"+b.{outbound.public_id}." in built.from_email
    assert built.message()["From"].endswith("<support@demo.example>")


def test_it_comes_back_to_its_agent(sent, come_back, cast):
    outcome = come_back(address="other@elsewhere.example")
    assert (outcome.state, outcome.ticket, sent[0].state) == ("attached", sent[0].ticket, "bounced")
    outcome.ticket.refresh_from_db()
    assert outcome.ticket.state == "open"
    assert Identity.objects.get(value="dana@petit.example").undeliverable_at is not None


def test_the_id_of_the_returned_mail_is_enough(sent, come_back):
    come_back(to="support@demo.example", original=sent[0].mail_id)
    assert sent[0].state == "bounced"


def test_a_delay_changes_nothing(sent, come_back):
    come_back(status="4.4.1", action="delayed")
    assert sent[0].state == "sent"


def test_a_report_that_anybody_could_write_waits_for_a_person(sent, come_back):
    outcome = come_back(to="support@demo.example", original="<made.up@demo.example>")
    assert (outcome.state, sent[0].state) == ("quarantined", "sent")
    assert Identity.objects.get(value="dana@petit.example").undeliverable_at is None


def test_twice_is_once(sent, come_back):
    come_back()
    come_back(number=2)
    assert sent[0].ticket.events.filter(kind="delivery.bounced").count() == 1


def test_whoever_writes_again_can_be_reached_again(come_back, now):
    come_back()
    row, _ = mailroom.accept(
        mail("dana@petit.example", "Hello"), recipients=["support@demo.example"], now=now
    )
    intake.process(row.pk, now=now)
    assert Identity.objects.get(value="dana@petit.example").undeliverable_at is None
