"""Mails brought in whole, with what our own mail server said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.intake import receive
from tickets.intake.receive import Outcome

SERVER, SUPPORT = "mx.demo.example", "support@demo.example"


def signed_off(domain: str = "demo.example", result: str = "pass") -> str:
    """Return what our own mail server writes of a sender's domain."""
    return f"{SERVER}; dmarc={result} header.from={domain}"


@dataclass(frozen=True)
class Postman:
    """Brings mails in at a moment: one made of its parts, or one as it is (`raw`)."""

    now: datetime

    def __call__(self, sender: str, text: str = "Where is my lamp?", **parts: str) -> Outcome:
        """Bring in a mail; `parts` are the arguments of `tests.mails.mail`."""
        return self.raw(mail(sender, text, **parts))

    def raw(self, data: bytes) -> Outcome:
        row, _ = mailroom.accept(data, recipients=[SUPPORT], now=self.now)
        return receive.process(row.pk, now=self.now)


@pytest.fixture
def came(cast, now) -> Postman:
    """Return who brings mails to a mailbox that believes our own mail server."""
    cast.mailbox.options = {"authserv_id": SERVER}
    cast.mailbox.save()
    return Postman(now)
