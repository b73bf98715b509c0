"""A mailbox, a second one, a customer's ticket that was answered: what threading is tried on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests import make
from tests.cast import Cast
from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.outbound.outward import build_mail
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.intake.receive import Outcome
from tickets.models import Ticket

DANA = "Dana Petit <dana@petit.example>"
STRANGER = "Mallory <mallory@evil.example>"
SUPPORT, REFUNDS = "support@demo.example", "refunds@demo.example"
FIRST = "first@petit.example"


@dataclass
class Scene:
    """Dana's ticket with her first mail and Alice's answer; `came` brings further mails in."""

    cast: Cast
    now: datetime
    ticket: Ticket = field(init=False)
    sent: Any = field(init=False)
    outbound: Any = field(init=False)

    def __post_init__(self) -> None:
        self.refunds = make.channel("email", self.cast.refunds, address=REFUNDS)
        opened = self.came(DANA, "My lamp is broken.", Message_ID=f"<{FIRST}>")
        assert opened.ticket is not None
        self.ticket = opened.ticket
        words = Words("A new one leaves today.")
        message = replies.reply(self.ticket, words, by=self.cast.acting("alice"), now=self.now)
        self.outbound = outbox.deliver(message.outbounds.get().pk, now=self.now)
        self.sent = build_mail(self.outbound, now=self.now)
        self.fresh()

    @property
    def our_id(self) -> str:
        """The Message-ID of Alice's answer."""
        return str(self.sent.extra_headers["Message-ID"])

    @property
    def reply_address(self) -> str:
        return str(self.sent.reply_to[0])

    def came(
        self, sender: str, text: str = "More.", *, to: str = SUPPORT, after: timedelta = timedelta(0),
        **headers: str,
    ) -> Outcome:  # fmt: skip
        """Bring one mail in."""
        return self.raw(mail(sender, text, to=to, **headers), to=to, after=after)

    def raw(self, raw: bytes, *, to: str = SUPPORT, after: timedelta = timedelta(0)) -> Outcome:
        row, _ = mailroom.accept(raw, recipients=[to], now=self.now + after)
        return receive.process(row.pk, now=self.now + after)

    def fresh(self) -> Ticket:
        self.ticket.refresh_from_db()
        return self.ticket

    def close(self) -> None:
        self.fresh().close(by=self.cast.acting("alice"), now=self.now)

    def solve(self) -> None:
        self.fresh().solve(by=self.cast.acting("alice"), now=self.now)
