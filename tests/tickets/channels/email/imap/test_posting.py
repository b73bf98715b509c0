"""Replies leave by the mailbox's own server; a wrong password of ours fails no mail."""

from __future__ import annotations

import pytest

from tests import make
from tests.plugins.dovecot import PASSWORD, USER
from tests.plugins.mailpeers import submission
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.models import Mailbox, Outbound


@pytest.fixture
def peer(cast, settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    with submission() as running:
        Mailbox.objects.create(
            channel=cast.mailbox, smtp_host="127.0.0.1", smtp_port=running.port, smtp_security="none",
            username=USER, password=PASSWORD,
        )  # fmt: skip
        yield running


@pytest.fixture
def send(cast, now):
    """Return a function that lets Alice answer Dana, and gives the outbox row."""

    def sending() -> Outbound:
        ticket = make.ticket(cast.web, cast.dana, now=now)
        message = replies.reply(ticket, Words("It is on its way."), by=cast.acting("alice"), now=now)
        row = message.outbounds.get()
        Outbound.objects.filter(pk=row.pk).update(state="queued", next_attempt_at=now)
        outbox.deliver(row.pk, now=now)
        row.refresh_from_db()
        return row

    return sending


def test_a_reply_leaves_by_the_mailbox_s_own_server(peer, send):
    row = send()
    assert row.state == "sent"
    assert (row.mail_id.encode() in peer.taken[0], b"It is on its way." in peer.taken[0]) == (True, True)


def test_a_wrong_password_of_ours_lets_the_mail_wait(peer, send):
    peer.passwords = {}
    row = send()
    assert (row.state, "refuses our sign-in" in str(row.error)) == ("deferred", True)


def test_a_private_server_nobody_allowed_is_not_spoken_to(peer, send, settings):
    settings.PRIVATE_SERVERS = []
    assert send().state == "deferred"
    assert not peer.taken
