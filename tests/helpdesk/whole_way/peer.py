"""The rest of the mail world: a real SMTP server that takes in what Tandem sends."""

from __future__ import annotations

import re
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.helpdesk.embedded.test_postgres import wait_for
from tests.plugins.servers import free_port

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/[rs]/[^\s/]+/)")


class Peer:
    """A mail server that keeps every mail."""

    def __init__(self) -> None:
        self.port = free_port()
        self._mails: list[EmailMessage] = []
        self._lock = threading.Lock()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def mails(self) -> list[EmailMessage]:
        with self._lock:
            return list(self._mails)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> Peer:
        self._server.start()
        return self

    def close(self) -> None:
        self._server.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        with self._lock:
            self._mails.append(message_from_bytes(content, policy=default))
        return "250 OK"

    def mail_with(self, words: str) -> EmailMessage:
        """Wait for the mail whose text has these words, and return it; there is exactly one."""
        (found,) = self.mails_with(words)
        return found

    def mails_with(self, words: str) -> list[EmailMessage]:
        """Wait for mails whose text has these words, and return them, the newest last."""
        found: list[EmailMessage] = []

        def look() -> bool:
            found[:] = [mail for mail in self.mails if words in " ".join(text_of(mail).split())]
            return bool(found)

        wait_for(look, f"a mail says “{words}”")
        return found


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    """Return the path of the customer's link in a mail."""
    found = LINK.search(text_of(mail))
    assert found, text_of(mail)
    return found[1]
