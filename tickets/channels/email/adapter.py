"""Email: raw mail in through the ledger, replies and notices out by SMTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tickets.channels.base import Adapter, InboundMessage, NotUnderstood, Sender, SendResult
from tickets.channels.email.inbound import inward, too_large
from tickets.channels.email.mailboxes import checking
from tickets.channels.email.outbound import outward, tracking
from tickets.channels.email.reading.sandbox import ParseCrashed, ParseTimeout, parse_in_sandbox
from tickets.models import Inbound, Outbound


class EmailAdapter(Adapter):
    slug: ClassVar[str] = "email"
    label = _("email")

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        if inbound.kind == tracking.KIND:
            return [tracking.ended(inbound, raw)]
        _refuse_unreadable(inbound)
        if not raw.strip():
            raise NotUnderstood(_("The mail is empty."), code="empty")
        if inbound.envelope.get("refused"):
            raise NotUnderstood(too_large.sentence(inbound.envelope), code="too_large")
        if inbound.envelope.get("too_large"):
            raise NotUnderstood(_("The mail is larger than this installation takes."), code="too_large")
        if checking.is_test(raw):
            return [InboundMessage(Sender("email", ""), "", ignore_rule="mailbox_test")]
        try:
            parsed = parse_in_sandbox(raw)
        except ParseTimeout as error:
            raise NotUnderstood(_("Reading the mail took too long."), code="parse_timeout") from error
        except ParseCrashed as error:
            raise NotUnderstood(_("The mail could not be read."), code="parse_crashed") from error
        return [inward.message_from(parsed, inbound)]

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        return outward.send(outbound, now=now)


def _refuse_unreadable(inbound: Inbound) -> None:
    """Refuse what never reached us whole, with what the other side said."""
    said = inbound.envelope.get("unreadable")
    if said and inbound.envelope.get("webhook"):
        raise NotUnderstood(
            _("What the mail provider sent could not be read: %(said)s") % {"said": said}, code="unreadable"
        )
    if said:
        raise NotUnderstood(
            _("The mail server did not deliver this mail to us: %(said)s") % {"said": said}, code="unreadable"
        )


adapter = EmailAdapter()
