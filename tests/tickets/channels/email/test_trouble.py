"""What is wrong with a mailbox, in words; and where a connection may go."""

from __future__ import annotations

import smtplib
import socket
import ssl

import pytest
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, LoginError

from tickets.channels.email.mailboxes.trouble import SENTENCES, SignInEnded, explain
from tickets.platform import safe_http
from tickets.platform.safe_http import NotEncrypted, PrivateAddress

ERRORS = [
    (socket.gaierror(-2, "Name or service not known"), "mail.petit.example", "name_not_found"),
    (ConnectionRefusedError(111, "refused"), "mail.petit.example", "refused"),
    (TimeoutError("timed out"), "mail.petit.example", "timed_out"),
    (ssl.SSLCertVerificationError("certificate verify failed"), "mail.petit.example", "certificate"),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "mail.petit.example", "not_tls"),
    (CapabilityError("Server does not support STARTTLS capability"), "mail.petit.example", "no_starttls"),
    (smtplib.SMTPNotSupportedError("STARTTLS extension not supported"), "mail.petit.example", "no_starttls"),
    (LoginError("b'[AUTHENTICATIONFAILED] Authentication failed.'"), "mail.petit.example", "wrong_password"),
    (smtplib.SMTPAuthenticationError(535, b"5.7.8 bad credentials"), "mail.petit.example", "wrong_password"),
    (
        LoginError("b'[ALERT] Application-specific password required: https://support.google.com (Failure)'"),
        "imap.gmail.com",
        "app_password",
    ),
    (
        smtplib.SMTPAuthenticationError(534, b"5.7.9 Application-specific password required."),
        "smtp.gmail.com",
        "app_password",
    ),
    (LoginError("b'[AUTHENTICATIONFAILED] Invalid credentials'"), "imap.gmail.com", "use_google"),
    (LoginError("b'AUTHENTICATE failed.'"), "outlook.office365.com", "use_microsoft"),
    (
        smtplib.SMTPAuthenticationError(535, b"5.7.139 Authentication unsuccessful, basic auth is disabled."),
        "smtp.office365.com",
        "use_microsoft",
    ),
    (PrivateAddress("db leads to 10.0.0.3"), "db", "private_address"),
    (NotEncrypted("mail.petit.example"), "mail.petit.example", "not_encrypted"),
    (SignInEnded("invalid_grant"), "outlook.office365.com", "signin_ended"),
    (IMAPClientAbortError("socket error: EOF"), "mail.petit.example", "cut"),
    (IMAPClientAbortError("unexpected response: b'HTTP/1.1 400 Bad'"), "a.example", "not_a_mail_server"),
    (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "a.example", "cut"),
    (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no such user")}), "a.example", "recipient"),
]


@pytest.mark.parametrize(("error", "host", "code"), ERRORS, ids=[f"{e[2]}-{n}" for n, e in enumerate(ERRORS)])
def test_each_error_has_its_words(error, host, code):
    trouble = explain(error, host)
    assert trouble.code == code
    assert trouble.sentence(host, 993)


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_can_be_filled(code):
    words = {"host": "mail.petit.example", "port": 993, "detail": "100 % wrong"}
    assert str(SENTENCES[code]) % words


PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
    "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "224.0.0.1", "255.255.255.255", "2002:a00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address, settings):
    settings.PRIVATE_SERVERS = []
    assert safe_http.is_allowed(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not(address, settings):
    settings.PRIVATE_SERVERS = []
    assert not safe_http.is_allowed(address)


def test_the_installation_s_administrator_may_allow_networks_and_names(settings):
    settings.PRIVATE_SERVERS = ["10.0.0.0/8", "mail.office"]
    assert safe_http.is_allowed("10.1.2.3")
    assert safe_http.is_allowed("192.168.1.5", host="Mail.Office")
    assert not safe_http.is_allowed("192.168.1.5", host="other")


@pytest.mark.parametrize("name", ["127.1", "0x7f000001", "2130706433", "localhost"])
def test_no_way_of_writing_it_leads_to_this_machine(name, settings):
    settings.PRIVATE_SERVERS = []
    with pytest.raises(PrivateAddress):
        safe_http.connect(name, 25, budget=safe_http.Budget(5))
    with pytest.raises(PrivateAddress):
        safe_http.post_form(f"http://{name}/", {})
