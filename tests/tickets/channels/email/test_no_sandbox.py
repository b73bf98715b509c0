"""No process to read mails in: the machine's fault, so every mail waits and none is set aside."""

import sys
from datetime import timedelta

import pytest

from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.reading import sandbox
from tickets.intake import receive


@pytest.fixture
def no_processes(monkeypatch):
    """Let every reading process fail to start, for as long as the test says."""
    monkeypatch.setattr(sandbox, "_pool", sandbox._Pool())
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        yield patch


def test_a_mail_waits_however_long_it_lasts_and_is_read_then(cast, now, no_processes):
    row, _ = mailroom.accept(mail("dana@petit.example", "Hi"), recipients=["support@demo.example"], now=now)
    states = [receive.process(row.pk, now=now + timedelta(hours=hour)).state for hour in range(12)]
    assert set(states) == {"failed"}
    row.refresh_from_db()
    assert row.next_attempt_at - (now + timedelta(hours=11)) <= timedelta(minutes=10)
    no_processes.undo()
    assert receive.process(row.pk, now=now + timedelta(hours=13)).state == "opened"
