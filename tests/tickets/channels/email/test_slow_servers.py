"""Mail servers that drip: signing in, a command and the test of a mailbox each end in time."""

import itertools
import smtplib
import time

import pytest
from imapclient.exceptions import IMAPClientError

from tests.plugins import hostile
from tickets.channels.email.imap import connection
from tickets.channels.email.mailboxes import checking, domain_check
from tickets.channels.email.outbound import posting
from tickets.models import Mailbox
from tickets.platform.safe_http import Budget

SECONDS = 0.5
GREETING = {"imap": b"* OK ready", "smtp": b"220 ready"}


def drip(kind):
    return lambda: hostile.dripping(GREETING[kind] + b"y" * 10_000)


def endless(kind):
    line = {"imap": b"* OK more\r\n", "smtp": b"220-more\r\n"}[kind]
    return lambda: itertools.repeat(line * 1000)


def silent(_kind):
    return hostile.silence


@pytest.fixture
def mailbox(cast, settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    box = Mailbox.objects.create(channel=cast.mailbox, imap_host="127.0.0.1", imap_port=1)
    box.imap_host = box.smtp_host = "127.0.0.1"
    box.imap_security = box.smtp_security = Mailbox.Security.NONE
    return box


def timed(call):
    started = time.monotonic()
    with pytest.raises((OSError, smtplib.SMTPException, IMAPClientError)):
        call()
    return time.monotonic() - started


@pytest.mark.parametrize("behaviour", [drip, endless, silent])
def test_signing_in_to_read_ends_in_time(behaviour, mailbox, now):
    with hostile.server(behaviour("imap"), waits_for_request=False) as port:
        mailbox.imap_port = port

        def sign_in():
            with connection.open_imap(mailbox, now=now, budget=Budget(SECONDS, max_bytes=100_000)):
                pass

        assert timed(sign_in) < SECONDS + 1


@pytest.mark.parametrize("behaviour", [drip, endless, silent])
def test_signing_in_to_send_ends_in_time(behaviour, mailbox, now):
    with hostile.server(behaviour("smtp"), waits_for_request=False) as port:
        mailbox.smtp_port = port

        def sign_in():
            with posting.open_smtp(mailbox, now=now, budget=Budget(SECONDS, max_bytes=100_000)):
                pass

        assert timed(sign_in) < SECONDS + 1


@pytest.mark.parametrize("behaviour", [drip, endless, silent])
def test_the_test_of_a_mailbox_ends_in_time_and_says_what_failed(behaviour, mailbox, now, monkeypatch):
    monkeypatch.setattr(checking, "WHOLE_CHECK_SECONDS", SECONDS)
    with hostile.server(behaviour("imap"), waits_for_request=False) as port:
        mailbox.imap_port = mailbox.smtp_port = port
        started = time.monotonic()
        steps = checking.check_mailbox(mailbox, now=now)
    assert time.monotonic() - started < SECONDS + 1
    assert not steps[-1].is_ok


def test_a_domain_whose_records_refer_to_ever_more_is_asked_a_bounded_number_of_times(db):
    asked = []

    def ask(name, kind):
        asked.append(name)
        return ["v=spf1 " + " ".join(f"include:{n}.{name}" for n in range(10))] if kind == "TXT" else []

    domain_check.check_domain("demo.example", server="192.0.2.1", ask=ask)
    assert len(asked) <= domain_check.MAX_QUESTIONS


def test_slow_name_servers_are_asked_until_the_time_is_up(db, monkeypatch):
    monkeypatch.setattr(domain_check, "WHOLE_SECONDS", 0.2)
    asked = []

    def ask(name, kind):
        asked.append(name)
        time.sleep(0.15)
        return []

    domain_check.check_domain("demo.example", ask=ask)
    assert len(asked) <= 2
