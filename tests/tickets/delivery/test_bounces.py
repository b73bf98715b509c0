"""Bounces: which mail is meant, which address is marked, and whose work it becomes."""

import pytest

from tests import make
from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.outbound.outward import build_mail
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import Identity, Outbound

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
    """Return the row of Alice's reply, which was sent, and its mail."""
    ticket = make.ticket(cast.web, cast.dana)
    message = replies.reply(ticket, Words("Soon."), by=cast.acting("alice"), now=now)
    outbound = outbox.deliver(message.outbounds.get().pk, now=now)
    return outbound, build_mail(outbound, now=now)


@pytest.fixture
def come_back(sent, now):
    def arrive(to=None, status="5.1.1", action="failed", address="dana@petit.example", original="", number=1):
        outbound, built = sent
        to = to or built.from_email
        raw = REPORT.format(
            to=to, status=status, action=action, address=address, original=original, id=number
        )
        row, _ = mailroom.accept(raw.encode(), recipients=[to], now=now)
        outcome = receive.process(row.pk, now=now)
        outbound.refresh_from_db()
        return outcome

    return arrive


def undeliverable():
    marked = Identity.objects.exclude(undeliverable_at=None)
    return sorted(marked.values_list("value", flat=True))


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


@pytest.mark.parametrize("address", ["mallory@evil.example", "dana@petit.example.evil.example"])
def test_an_id_of_ours_with_somebody_else_as_recipient_changes_nothing(sent, come_back, address):
    outcome = come_back(to="support@demo.example", original=sent[0].mail_id, address=address)
    assert (outcome.state, sent[0].state) == ("quarantined", "sent")
    assert not undeliverable()
    assert sent[0].ticket.events.filter(kind="delivery.bounced").count() == 0


def test_an_id_of_ours_without_any_recipient_changes_nothing(sent, come_back):
    come_back(to="support@demo.example", original=sent[0].mail_id, address="")
    assert (sent[0].state, undeliverable()) == ("sent", [])


def test_an_id_of_another_mail_does_not_mark_its_recipient(sent, come_back, cast, now):
    other = replies.reply(
        make.ticket(cast.web, cast.emile), Words("For Émile."), by=cast.acting("alice"), now=now
    )
    row = outbox.deliver(other.outbounds.get().pk, now=now)
    come_back(to="support@demo.example", original=row.mail_id, address="dana@petit.example")
    row.refresh_from_db()
    assert (row.state, sent[0].state, undeliverable()) == ("sent", "sent", [])


def test_a_forged_return_address_proves_nothing(sent, come_back):
    forged = sent[1].from_email.replace("@", "a@")
    come_back(to=forged, address="mallory@evil.example", original=sent[0].mail_id)
    assert (sent[0].state, undeliverable()) == ("sent", [])


def test_a_copy_that_did_not_arrive_leaves_the_mail_as_sent(sent, come_back, cast):
    emile = Identity.objects.get(customer=cast.emile, kind="email").value
    Outbound.objects.filter(pk=sent[0].pk).update(cc=[emile])
    for number in (1, 2):
        come_back(address=emile, number=number)
    assert (sent[0].state, undeliverable()) == ("sent", [emile])
    assert sent[0].ticket.events.filter(kind="delivery.bounced").count() == 1


def test_of_a_mail_to_several_that_came_back_for_nobody_no_address_is_marked(sent, come_back, cast):
    emile = Identity.objects.get(customer=cast.emile, kind="email").value
    Outbound.objects.filter(pk=sent[0].pk).update(cc=[emile])
    come_back(address="other@elsewhere.example")
    assert (sent[0].state, undeliverable()) == ("bounced", [])


def test_who_received_it_is_not_marked_beside_who_did_not(sent, come_back, cast, monkeypatch):
    emile = Identity.objects.get(customer=cast.emile, kind="email").value
    Outbound.objects.filter(pk=sent[0].pk).update(cc=[emile])
    delivered = f"{emile}\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; dana@petit.example"
    come_back(address=delivered)
    assert undeliverable() == ["dana@petit.example"]


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
    receive.process(row.pk, now=now)
    assert Identity.objects.get(value="dana@petit.example").undeliverable_at is None
