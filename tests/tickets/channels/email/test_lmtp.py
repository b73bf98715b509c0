"""The LMTP listener, spoken to by a real client: every recipient has an answer of its own."""

import smtplib

import pytest
from django.db import connection

from tests.cast import assemble
from tests.mails import mail
from tests.plugins.servers import free_port
from tickets.channels.email.inbound.listener import LmtpListener
from tickets.models import Channel, Inbound


@pytest.fixture
def lmtp(transactional_db):
    assemble()
    port = free_port()
    listener = LmtpListener(hostname="127.0.0.1", port=port)
    listener.start()
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.ehlo()
        yield client
    listener.stop()


def data(client, raw, *recipients):
    """Send a mail by hand; return what is answered to each recipient, and after the mail."""
    client.mail("dana@petit.example", options=["SIZE=100"])
    told = [client.rcpt(recipient)[0] for recipient in recipients]
    client.putcmd("data")
    client.getreply()
    client.send(raw.replace(b"\n", b"\r\n") + b"\r\n.\r\n")
    taken = [code for code in told if code == 250]
    return told, [client.getreply()[0] for _ in taken]


def test_each_recipient_has_an_answer(lmtp):
    assert lmtp.esmtp_features["size"]
    told = data(lmtp, mail("dana@petit.example", "Hi"), "support@demo.example", "nobody@elsewhere.example")
    assert told == ([250, 550], [250])
    assert Inbound.objects.count() == 1


def test_a_mail_for_two_mailboxes_is_one_row_received_via_both(lmtp):
    other = Channel.objects.get(slug="email")
    Channel.objects.create(slug="email", name="Aide", address="aide@demo.example", queue=other.queue)
    told = data(lmtp, mail("dana@petit.example", "Hi"), "support@demo.example", "aide@demo.example")
    assert told == ([250, 250], [250, 250])
    assert Inbound.objects.get().also_via == ["aide@demo.example"]


def test_it_asks_to_try_again_when_it_cannot_store(lmtp):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_inboundraw RENAME TO out_of_reach")
    try:
        told = data(lmtp, mail("dana@petit.example", "Hi"), "support@demo.example")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE out_of_reach RENAME TO tickets_inboundraw")
    assert told == ([250], [451])


def test_a_plain_smtp_greeting_is_refused(lmtp):
    assert lmtp.docmd("EHLO", "x")[0] == 500
