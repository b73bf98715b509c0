"""A mailbox of the cast on a real Dovecot."""

from __future__ import annotations

import pytest

from tests.plugins.dovecot import PASSWORD, USER, Dovecot
from tickets.channels.email.imap import reader
from tickets.models import Mailbox


@pytest.fixture
def mailbox(cast, dovecot: Dovecot, settings) -> Mailbox:
    """Return the support mailbox, to be read from the test's own server."""
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    return connect(cast.mailbox, dovecot)


def connect(channel, dovecot: Dovecot, **fields) -> Mailbox:
    return Mailbox.objects.create(
        channel=channel,
        imap_host="127.0.0.1",
        imap_port=fields.pop("port", dovecot.port),
        imap_security="none",
        username=USER,
        password=PASSWORD,
        **fields,
    )


@pytest.fixture
def read(mailbox: Mailbox):
    """Return a function that reads the mailbox to its end."""

    def reading() -> int:
        fresh = Mailbox.objects.select_related("channel").get(pk=mailbox.pk)
        return reader.read_mailbox(fresh)

    return reading
