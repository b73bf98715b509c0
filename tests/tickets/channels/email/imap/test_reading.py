"""A mailbox read by IMAP from a real Dovecot."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime

import pytest
from django.db import connections

from tests.plugins.dovecot import numbered
from tests.tickets.channels.email.imap.conftest import connect
from tickets.channels.email.imap import fetching, reader
from tickets.channels.email.imap.connection import open_imap
from tickets.channels.email.mailboxes.trouble import explain
from tickets.clock import database_now
from tickets.intake import receive
from tickets.models import Inbound, Mailbox, MailFolder, MailSeen, Message


def flags(dovecot, mailbox, folder="INBOX"):
    with open_imap(mailbox, now=database_now()) as client:
        client.select_folder(folder, readonly=True)
        return [facts[b"FLAGS"] for facts in client.fetch(client.search(["ALL"]), ["FLAGS"]).values()]


def test_a_mail_on_the_server_is_in_the_ledger_as_it_is(dovecot, read):
    (raw,) = numbered(1)
    dovecot.put(raw)
    read()
    row = Inbound.objects.get()
    assert bytes(row.raw.data) == raw
    assert (row.envelope["folder"], row.seen_as.get().state) == ("INBOX", "kept")


def test_what_was_read_elsewhere_is_taken_in_too(dovecot, mailbox, read):
    dovecot.put(*numbered(2))
    with open_imap(mailbox, now=database_now()) as client:
        client.select_folder("INBOX")
        client.add_flags([1, 2], [rb"\Seen"])
    read()
    assert Inbound.objects.count() == 2


def test_reading_again_takes_nothing_twice(dovecot, read):
    dovecot.put(*numbered(5))
    assert (read(), read()) == (5, 0)
    dovecot.put(*numbered(0, mails=[7]))
    assert read() == 1
    assert Inbound.objects.count() == 6


def test_without_a_wish_nothing_changes_on_the_server(dovecot, mailbox, read):
    dovecot.put(*numbered(2))
    read()
    assert flags(dovecot, mailbox) == [(rb"\Recent",), (rb"\Recent",)] or not any(flags(dovecot, mailbox))


def test_mails_are_marked_as_read_when_wanted(dovecot, mailbox, read):
    Mailbox.objects.update(afterwards="seen")
    dovecot.put(*numbered(2))
    read()
    assert all(rb"\Seen" in each for each in flags(dovecot, mailbox))


def test_mails_are_moved_when_wanted(dovecot, mailbox, read):
    Mailbox.objects.update(afterwards="move", move_to="Done")
    dovecot.maildir(folder="Done")
    dovecot.put(*numbered(3))
    read()
    assert (len(flags(dovecot, mailbox)), len(flags(dovecot, mailbox, "Done"))) == (0, 3)
    assert Inbound.objects.count() == 3


def test_a_folder_that_cannot_be_moved_to_keeps_no_mail_from_being_taken_in(dovecot, mailbox, read):
    Mailbox.objects.update(afterwards="move", move_to="Nowhere/At*All")
    dovecot.put(*numbered(3))
    with pytest.raises(Exception, match="Nowhere") as refused:
        read()
    assert explain(refused.value, "127.0.0.1").code == "folder"
    assert Inbound.objects.count() == 3


def test_several_folders_are_read(dovecot, mailbox, read):
    for name in ("INBOX", "Billing"):
        MailFolder.objects.create(mailbox=mailbox, name=name)
    dovecot.put(*numbered(2))
    dovecot.put(*numbered(0, mails=[8, 9]), folder="Billing")
    read()
    assert (
        sorted(Inbound.objects.values_list("envelope__folder", flat=True)) == ["Billing"] * 2 + ["INBOX"] * 2
    )


def test_a_missing_folder_is_named_and_the_others_are_read(dovecot, mailbox, read):
    for name in ("Vanished", "INBOX"):
        MailFolder.objects.create(mailbox=mailbox, name=name)
    dovecot.put(*numbered(2))
    with pytest.raises(Exception, match="Vanished"):
        read()
    assert Inbound.objects.count() == 2


def test_mails_from_before_the_first_day_are_left_alone(dovecot, mailbox, read):
    Mailbox.objects.update(read_from=date(2026, 11, 15))
    dovecot.put(*numbered(3), at=datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp())
    dovecot.put(*numbered(0, mails=[7]), at=datetime(2026, 11, 15, 1, tzinfo=UTC).timestamp())
    assert read() == 1
    # A mail that arrives later is read whatever its date says.
    dovecot.put(*numbered(0, mails=[8]), at=datetime(2026, 11, 2, tzinfo=UTC).timestamp())
    assert read() == 1
    Mailbox.objects.update(read_from=date(2026, 10, 1))
    MailFolder.objects.update(compared_at=None)
    assert read() == 3


def test_new_numbers_on_the_server_double_nothing(dovecot, mailbox, read):
    dovecot.put(*numbered(20))
    read()
    before = MailFolder.objects.get().uidvalidity
    dovecot.renumber()
    dovecot.put(*numbered(0, mails=[50]))
    assert read() == 21
    assert MailFolder.objects.get().uidvalidity != before
    assert Inbound.objects.count() == 21


def test_a_mail_that_the_cursor_overlooked_is_found_by_comparing(dovecot, read):
    dovecot.put(*numbered(3))
    read()
    lost = MailSeen.objects.get(uid=2)
    Inbound.objects.get(pk=lost.inbound_id).delete()
    lost.delete()
    assert read() == 0
    MailFolder.objects.update(compared_at=None)
    assert read() == 1
    assert Inbound.objects.count() == 3


def test_a_mail_removed_before_it_was_fetched_is_told(dovecot, mailbox, read):
    dovecot.put(*numbered(2))
    read()
    MailSeen.objects.create(
        folder=MailFolder.objects.get(), uidvalidity=MailFolder.objects.get().uidvalidity, uid=99,
        server_at=database_now(),
    )  # fmt: skip
    MailFolder.objects.update(compared_at=None)
    read()
    assert MailSeen.objects.get(uid=99).state == "gone"


def test_too_large_a_mail_comes_as_its_beginning_and_blocks_none(dovecot, mailbox, read, settings, now):
    settings.MAIL_MAX_BYTES = 100_000
    small = numbered(3)
    dovecot.put(small[0])
    dovecot.put(small[1] + b"x" * 78 + b"\r\n" * 80_000)
    dovecot.put(small[2])
    read()
    large = Inbound.objects.get(envelope__has_key="too_large")
    assert large.size < 80_000
    assert receive.process(large.pk, now=now).state == "quarantined"
    assert (Inbound.objects.count(), len(flags(dovecot, mailbox))) == (3, 3)


def test_the_same_mail_in_two_folders_is_one_message(dovecot, mailbox, read):
    for name in ("INBOX", "Copies"):
        MailFolder.objects.create(mailbox=mailbox, name=name)
    (raw,) = numbered(1)
    dovecot.put(raw)
    dovecot.put(raw, folder="Copies")
    read()
    assert (Inbound.objects.count(), MailSeen.objects.filter(state="kept").count()) == (1, 2)


def test_a_mail_of_two_mailboxes_is_one_message_received_via_both(dovecot, cast, mailbox, read):
    from tests import make

    other = make.channel("email", cast.refunds, address="aide@demo.example")
    second = connect(other, dovecot)
    Mailbox.objects.filter(pk=second.pk).update(username="aide@demo.example")
    (raw,) = numbered(1)
    dovecot.put(raw)
    dovecot.put(raw, user="aide@demo.example")
    read()
    reader.read_mailbox(Mailbox.objects.get(pk=second.pk))
    assert Inbound.objects.get().also_via == ["aide@demo.example"]


def test_one_of_the_folders_rows_may_be_asked_for_again(dovecot, mailbox, read, cast, now):
    dovecot.put(*numbered(1))
    read()
    row = MailSeen.objects.get()
    Inbound.objects.update(envelope={"unreadable": "it said NO"})
    assert receive.process(row.inbound_id, now=now).state == "quarantined"
    assert fetching.fetch_again(row.inbound, by=cast.acting("admin"), now=now)
    assert read() == 1
    assert MailSeen.objects.get().state == "kept"


@pytest.mark.django_db(transaction=True)
def test_new_mail_is_heard_of_at_once(dovecot, mailbox):
    """The running process: it reads what is there, then IDLE tells it of the next mail."""
    dovecot.put(*numbered(1))
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(stop,))
    thread.start()
    try:
        assert _comes_true(lambda: Inbound.objects.count() == 1)
        dovecot.put(*numbered(0, mails=[5]))
        assert _comes_true(lambda: Inbound.objects.count() == 2)
        assert Mailbox.objects.get().last_success_at
    finally:
        stop.set()
        thread.join(15)
    assert not thread.is_alive()


def _run(stop):
    try:
        reader.read_forever(stop)
    finally:
        connections.close_all()


def _comes_true(question, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_every_message_becomes_a_ticket(dovecot, read, now):
    dovecot.put(*numbered(3))
    read()
    receive.process_due(now=database_now())
    assert Message.objects.exclude(mail_id="").count() == 3
