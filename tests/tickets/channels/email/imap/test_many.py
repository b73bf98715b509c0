"""Very many mails, and a reader that is killed between any two of its steps."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection

from helpdesk.runtime.environment import REPOSITORY
from tests.plugins.database import at_database
from tests.plugins.dovecot import numbered
from tickets.models import Inbound, Mailbox, MailFolder, MailSeen, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_thousand_mails_are_ten_thousand_rows(dovecot, mailbox, read, django_assert_max_num_queries):
    dovecot.put(*numbered(10_000))
    assert read() == 10_000
    assert Inbound.objects.count() == MailSeen.objects.filter(state="kept").count() == 10_000
    MailFolder.objects.update(compared_at=None)
    with django_assert_max_num_queries(20):
        assert read() == 0
    assert MailFolder.objects.get().on_server == 10_000


def test_killed_between_any_two_steps_a_thousand_mails_are_a_thousand_messages(dovecot, mailbox):
    Mailbox.objects.update(afterwards="move", move_to="Done")
    dovecot.maildir(folder="Done")
    dovecot.put(*numbered(1000))
    program = subprocess.run(
        [sys.executable, "-m", "tests.tickets.channels.email.imap.killed", str(mailbox.pk)],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
            "DATABASE_URL": at_database(connection.settings_dict["NAME"]),
            "TANDEM_PRIVATE_SERVERS": "127.0.0.0/8",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    ends = [line.rpartition(": ")[2] for line in program.stdout.splitlines()]
    assert ends == ["killed"] * 10 + ["0"] + ["killed"] * 4 + ["0"], program.stdout + program.stderr
    assert Inbound.objects.count() == Message.objects.count() == Ticket.objects.count() == 1000
    assert set(Inbound.objects.values_list("state", flat=True)) == {"opened"}
    done = dovecot.maildir(folder="Done")
    assert len([*done.glob("cur/*"), *done.glob("new/*")]) == 1000
