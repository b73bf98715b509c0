"""Connecting a mailbox by its pages: the form, the test in both directions, and what they say."""

from __future__ import annotations

import datetime
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client

from tests.plugins import dovecot as dovecots
from tests.plugins.dovecot import PASSWORD, USER
from tests.plugins.mailpeers import submission
from tests.plugins.servers import free_port
from tickets.channels.email.imap import connection, reader
from tickets.channels.email.mailboxes import checking
from tickets.intake import receive
from tickets.models import Event, Inbound, Mailbox


@pytest.fixture
def admin(cast, settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    client = Client()
    client.force_login(cast.admin)
    return client


@pytest.fixture
def peer(dovecot):
    with submission(dovecot) as running:
        yield running


@pytest.fixture
def form(cast, dovecot, peer):
    """What an administrator types."""
    return {
        "address": USER, "name": "Support", "queue": cast.orders.pk, "language": "en", "sign_in": "password",
        "username": "", "password": PASSWORD, "imap_host": "127.0.0.1", "imap_port": dovecot.port,
        "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": peer.port, "smtp_security": "none",
        "folders": "INBOX", "read_from": "2026-11-01", "afterwards": "leave",
    }  # fmt: skip


@pytest.fixture
def connect(admin, form):
    """Return a function that fills in the form, tries the mailbox, and gives the steps."""

    def filled(**changes):
        saved = admin.post("/admin/mailboxes/new/", {**form, **changes})
        assert saved.status_code == 302, saved.context["form"].errors
        return admin.post(f"{saved.url}test/").context["steps"]

    return filled


def test_a_mailbox_that_works_is_seen_to_work_in_both_directions(connect, dovecot):
    steps = connect()
    assert [step.is_ok for step in steps] == [True] * 4, steps
    assert "arrived" in steps[-1].sentence
    # Our own test mail is taken away again.
    assert not list(dovecot.maildir().glob("[nc]*/*.*"))


def test_the_channel_that_had_the_address_is_the_one_connected(connect, cast):
    connect()
    assert Mailbox.objects.get().channel == cast.mailbox
    assert Event.objects.filter(kind="config.changed", is_audit=True).exists()


def test_the_password_is_neither_shown_again_nor_lost(connect, admin, form):
    connect()
    page = admin.get(f"/admin/mailboxes/{Mailbox.objects.get().pk}/settings/")
    assert PASSWORD not in page.content.decode()
    admin.post(f"/admin/mailboxes/{Mailbox.objects.get().pk}/settings/", {**form, "password": ""})
    assert Mailbox.objects.get().password == PASSWORD


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "does not accept this user name and password"),
        ({"imap_host": "no-such-name.invalid"}, "No server has the name"),
        ({"imap_port": free_port()}, "does not answer on port"),
        ({"imap_security": "tls"}, "does not begin with TLS"),
        ({"imap_security": "starttls"}, "offers no STARTTLS"),
        ({"folders": "INBOX\nBilling"}, "There is no folder Billing"),
        ({"afterwards": "move", "move_to": "Done"}, "There is no folder Done"),
        ({"smtp_port": free_port()}, "does not answer on port"),
    ],
    ids=lambda v: "" if isinstance(v, dict) else v[:24],
)
def test_what_is_wrong_is_said_in_plain_words(connect, change, said):
    last = connect(**change)[-1]
    assert (last.is_ok, said in last.sentence) == (False, True), last.sentence


def test_a_wrong_password_for_sending_is_told_apart(connect, peer):
    peer.passwords = {USER: "another"}
    steps = connect()
    assert [step.is_ok for step in steps] == [True, True, False]
    assert "does not accept" in steps[-1].sentence


def test_a_mail_that_does_not_come_back_is_told(connect, peer, settings, monkeypatch):
    monkeypatch.setattr(checking, "ARRIVES_WITHIN_SECONDS", 1.0)
    monkeypatch.setattr(checking.check_mailbox, "__kwdefaults__", {"wait": 1.0})
    peer.loses_mails = True
    assert "not in the inbox" in connect()[-1].sentence


def test_a_private_address_is_refused_until_it_is_allowed(connect, settings):
    settings.PRIVATE_SERVERS = []
    assert "TANDEM_PRIVATE_SERVERS" in connect()[-1].sentence


def test_the_test_mail_is_no_message_when_it_is_read_all_the_same(connect, dovecot, peer, now, cast):
    connect()
    dovecot.put(peer.taken[-1])
    reader.read_mailbox(Mailbox.objects.select_related("channel").get())
    outcome = receive.process(Inbound.objects.get().pk, now=now)
    assert (outcome.state, outcome.why) == ("ignored", "mailbox_test")


def test_a_certificate_for_another_name_is_refused_before_any_password(admin, cast, form, tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    with dovecots.running(certificate=_certificate(folder, "another.example")) as server:
        changes = {"imap_port": server.tls_port, "imap_security": "tls"}
        saved = admin.post("/admin/mailboxes/new/", {**form, **changes})
        steps = admin.post(f"{saved.url}test/").context["steps"]
        assert "certificate" in steps[-1].sentence
        assert "Login" not in server.log()


def test_tls_with_a_trusted_certificate_works(admin, cast, form, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("certificate")
    certificate = _certificate(folder, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with dovecots.running(certificate=certificate) as server:
        for security, port in (("tls", server.tls_port), ("starttls", server.port)):
            mailbox = Mailbox(imap_host="localhost", imap_port=port, imap_security=security)
            mailbox.username, mailbox.password, mailbox.channel = USER, PASSWORD, cast.mailbox
            with connection.open_imap(mailbox, now=None) as client:
                assert isinstance(client.socket(), ssl.SSLSocket)


def test_only_administrators_connect_mailboxes(cast):
    client = Client()
    for person, status in ((cast.alice, 403), (cast.carol, 403), (cast.admin, 200)):
        client.force_login(person)
        assert client.get("/admin/mailboxes/new/").status_code == status


def _certificate(folder, name):
    """Make a self-signed certificate; return the paths of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private
