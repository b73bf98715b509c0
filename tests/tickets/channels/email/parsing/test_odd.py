"""Odd mails, honest and hostile: each is read, and says of its sender no more than is true."""

import pytest

from tickets.channels.email.parsing import parse_email

HEAD = b"From: Dana <dana@petit.example>\r\nTo: support@demo.example\r\nSubject: Lamp\r\n"

SENDERS = {
    b"From: alice@demo.example, mallory@evil.example": ("alice@demo.example", 2),
    b"From: alice@demo.example\r\nFrom: mallory@evil.example": ("alice@demo.example", 2),
    b"From: Team: dana@petit.example, bob@petit.example;": ("dana@petit.example", 2),
    b"From: Nobody:;\r\nSender: real@petit.example": ("real@petit.example", 0),
    b"From: <@relay.example:dana@petit.example>": ("dana@petit.example", 1),
    b'From: "alice@demo.example" <mallory@evil.example>': ("mallory@evil.example", 1),
    b"From: =?utf-8?q?=61lice=40demo.example=3E=2C?= <mallory@evil.example>": ("mallory@evil.example", 1),
    b"From: =?utf-8?b?YWxpY2VAZGVtby5leGFtcGxlAA==?= <mallory@evil.example>": ("mallory@evil.example", 1),
    "From: \u202ealice\u2066 <mallory@evil.example>".encode(): ("mallory@evil.example", 1),
    b"From: " + b"(" * 20_000 + b"dana@petit.example": ("dana@petit.example", 1),
    b"From: dana": ("", 0),
}

BODIES = {
    b"Content-Type: text/plain; charset=us-ascii\r\n\r\nD\xc3\xa9j\xc3\xa0 vu": "Déjà vu",
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Bonjour à tous".encode("utf-16"): "Bonjour à tous",
    b"Content-Type: text/plain; charset=hex\r\n\r\n68656c6c6f": "68656c6c6f",
    b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\u0041": "\\u0041",
    b'Content-Type: text/plain; charset="x-nope\'; drop"\r\n\r\nD\xe9j\xe0 vu, merci': "Déjà vu, merci",
    b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhello\r\n--x--": "hello",
    b'Content-Type: multipart/mixed; boundary="a b "\r\n\r\n--a b\r\n\r\nhello\r\n--a b--': "hello",
    b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--x\r\n\r\nhello\r\n--x--': "hello",
    b"Content-Transfer-Encoding: x-rot13\r\n\r\nUryyb": "Uryyb",
    b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8gd29ybG": "Hello worl",
    b"\r\nhe\x00llo": "hello",
}


@pytest.mark.parametrize(("header", "expected"), SENDERS.items())
def test_the_sender_is_the_address_and_not_what_is_shown(header, expected):
    mail = parse_email(header + b"\r\nTo: support@demo.example\r\n\r\nPay here.")
    assert (mail.from_addr, mail.envelope.authors) == expected
    assert not set(mail.from_name) & set("\u202e\u2066\x00")


@pytest.mark.parametrize(("rest", "text"), BODIES.items())
def test_the_words_are_found(rest, text):
    assert parse_email(HEAD + rest).text == text


def test_a_header_with_a_bare_return_adds_no_field():
    mail = parse_email(b"From: dana@petit.example\r\nSubject: hi\rIn-Reply-To: <x@y>\r\n\r\nhi")
    assert (mail.subject, mail.in_reply_to) == ("hi In-Reply-To: <x@y>", ())


def test_carriage_returns_alone_end_lines_where_nothing_else_does():
    assert parse_email(HEAD.replace(b"\r\n", b"\r") + b"\rhello").text == "hello"
