"""The SMTP listener, spoken to by a real client over a real socket."""

import smtplib
import socket

import pytest
from django.db import connection

from tests.mails import mail
from tickets.channels.email.inbound.listener import Listener
from tickets.models import Inbound


@pytest.fixture
def smtp(transactional_db, settings):
    """Return the address of a running listener."""
    from tests.cast import assemble

    assemble()
    settings.MAIL_MAX_BYTES = 2_000_000
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listener = Listener(hostname="127.0.0.1", port=port)
    listener.start()
    yield ("127.0.0.1", port)
    listener.stop()


def send(address, raw, to="support@demo.example"):
    with smtplib.SMTP(address[0], address[1], timeout=10) as client:
        return client.sendmail("dana@petit.example", [to] if isinstance(to, str) else to, raw)


def test_250_means_that_the_mail_is_in_the_ledger(smtp):
    send(smtp, mail("dana@petit.example", "Hello"))
    row = Inbound.objects.get()
    assert row.envelope["mail_from"] == "dana@petit.example"
    assert b"Hello" in bytes(row.raw.data)


def test_an_unknown_mailbox_is_550(smtp):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(smtp, mail("dana@petit.example", "Hi"), to="nobody@elsewhere.example")
    assert next(iter(refused.value.recipients.values()))[0] == 550


def test_a_reply_address_is_its_mailbox(smtp):
    send(smtp, mail("dana@petit.example", "Hi"), to="support+t.abc.def@demo.example")
    assert Inbound.objects.get().envelope["recipients"] == ["support+t.abc.def@demo.example"]


def test_too_large_is_552_and_announced(smtp):
    with smtplib.SMTP(smtp[0], smtp[1], timeout=10) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "2000000"
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        send(smtp, mail("dana@petit.example", "x" * 70 + "\n" * 1) + b"y" * 60 * 2**20)
    assert refused.value.smtp_code == 552
    assert not Inbound.objects.exists()


def test_when_it_cannot_store_the_sender_is_asked_to_try_again(smtp):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_inboundraw RENAME TO out_of_reach")
    try:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(smtp, mail("dana@petit.example", "Hi"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE out_of_reach RENAME TO tickets_inboundraw")
    assert refused.value.smtp_code == 451
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r"])
def test_only_crlf_dot_crlf_ends_a_mail(smtp, end):
    raw = b"From: dana@petit.example\r\nSubject: a\r\n\r\nHello" + end + b"MAIL FROM:<evil@x.example>\r\n"
    with socket.create_connection(smtp, timeout=10) as peer:
        file = peer.makefile("rb")
        file.readline()
        for line in (
            b"EHLO x",
            b"MAIL FROM:<dana@petit.example>",
            b"RCPT TO:<support@demo.example>",
            b"DATA",
        ):
            peer.sendall(line + b"\r\n")
            while file.readline()[3:4] == b"-":
                pass
        peer.sendall(raw + b"\r\n.\r\nQUIT\r\n")
        file.read()
    assert Inbound.objects.count() <= 1
    assert not Inbound.objects.filter(envelope__mail_from="evil@x.example").exists()
