"""The keys of a mail: equal for every copy, different for every other mail."""

import pytest

from tests.tickets.channels.email import samples
from tickets.channels.email.parsing import identify, parse_email

MAIL = b"From: dana@petit.example\r\nSubject: Lamp\r\nMessage-ID: <a@petit.example>\r\n\r\nThe text\r\n"


def test_copy_by_another_way_has_the_same_keys():
    copy = b"Return-Path: <dana@petit.example>\r\nReceived: from a by b\r\nX-Spam: no\r\n" + MAIL
    assert identify(copy) == identify(MAIL)


def test_line_ends_do_not_matter():
    assert identify(MAIL.replace(b"\r\n", b"\n") + b"\n") == identify(MAIL)


def test_other_body_under_the_same_id_has_another_digest():
    other = identify(MAIL.replace(b"The text", b"Another text"))
    assert other.message_id == identify(MAIL).message_id
    assert other.body_digest != identify(MAIL).body_digest


def test_mail_without_id_is_known_by_its_digest():
    bare = MAIL.replace(b"Message-ID: <a@petit.example>\r\n", b"")
    assert identify(bare).message_id == ""
    assert identify(bare).raw_digest != identify(bare.replace(b"Lamp", b"Chair")).raw_digest


@pytest.mark.parametrize("name", samples.names())
def test_the_ledgers_key_is_the_id_of_the_parsed_mail(name):
    raw = samples.read(name)
    assert identify(raw).message_id == parse_email(raw).message_id
