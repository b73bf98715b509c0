"""The connection is cut at every stage, mails are not handed out: each is kept once, and none is lost."""

from __future__ import annotations

import contextlib

import pytest
from imapclient.exceptions import IMAPClientError

from tests.plugins.cutting import cutting
from tests.plugins.dovecot import numbered
from tests.tickets.channels.email.imap.conftest import connect
from tickets.channels.email.imap import fetching, listing, reader
from tickets.channels.email.imap.connection import open_imap
from tickets.clock import database_now
from tickets.intake import receive
from tickets.models import Inbound, Mailbox, MailFolder, MailSeen

MAILS = 4


@pytest.fixture
def through_proxy(cast, dovecot, settings):
    """Return the support mailbox behind a proxy, and the proxy."""
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    dovecot.maildir(folder="Done")
    with cutting(dovecot.port) as proxy:
        yield connect(cast.mailbox, dovecot, port=proxy.port, afterwards="move", move_to="Done"), proxy


def read(mailbox):
    return reader.read_mailbox(Mailbox.objects.select_related("channel").get(pk=mailbox.pk))


def test_a_cut_at_any_stage_loses_and_doubles_nothing(dovecot, through_proxy):
    mailbox, proxy = through_proxy
    dovecot.put(*numbered(MAILS))
    read(mailbox)
    whole = proxy.passed
    expected = MAILS
    # Each round brings new mails and cuts later: in the greeting, signing in, the list, a mail, a flag.
    for cut in range(10, whole, max(whole // 24, 1)):
        dovecot.put(*numbered(0, mails=[1000 + cut, 2000 + cut]))
        expected += 2
        proxy.cut_after = cut
        with contextlib.suppress(OSError, IMAPClientError):
            read(mailbox)
    proxy.cut_after = None
    read(mailbox)
    read(mailbox)
    assert Inbound.objects.count() == expected
    assert not Inbound.objects.filter(envelope__has_key="unreadable").exists()
    assert not MailSeen.objects.exclude(state="kept").exists()


class Stubborn:
    """A connection whose server does not hand out one mail: a NO, or it hangs up."""

    def __init__(self, client, uid, error):
        self._client, self._uid, self._error = client, uid, error

    def __getattr__(self, name):
        return getattr(self._client, name)

    def fetch(self, uids, wanted):
        if self._uid in uids and any("BODY" in item for item in wanted):
            raise self._error
        return self._client.fetch(uids, wanted)


def test_a_mail_the_server_does_not_hand_out_is_set_aside_behind_the_others(dovecot, mailbox, now):
    dovecot.put(*numbered(5))
    with open_imap(mailbox, now=now) as client:
        folder = MailFolder.objects.create(mailbox=mailbox, name="INBOX")
        listing.list_new_mails(client, folder, now=now)
        stubborn = Stubborn(client, 3, IMAPClientError("FETCH failed: cannot read it"))
        done = [fetching.fetch_next_mails(stubborn, folder, now=now) for _ in range(4)]
    assert done == [5, 1, 1, 0]
    row = Inbound.objects.get(envelope__has_key="unreadable")
    assert "cannot read it" in receive.process(row.pk, now=now).why
    assert (row.envelope["uid"], Inbound.objects.count()) == (3, 5)


def test_a_mail_at_which_the_server_hangs_up_keeps_no_other_waiting(dovecot, mailbox):
    dovecot.put(*numbered(5))
    now = database_now()
    folder = MailFolder.objects.create(mailbox=mailbox, name="INBOX")
    for _ in range(12):
        with open_imap(mailbox, now=now) as client, contextlib.suppress(IMAPClientError):
            listing.list_new_mails(client, folder, now=now)
            stubborn = Stubborn(client, 2, client.AbortError("socket error: EOF"))
            while fetching.fetch_next_mails(stubborn, folder, now=now):
                pass
    assert sorted(MailSeen.objects.values_list("state", flat=True)) == ["kept"] * 5
    assert Inbound.objects.filter(envelope__has_key="unreadable").count() == 1
