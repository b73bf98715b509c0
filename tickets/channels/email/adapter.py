"""The email channel's adapter: mails are received by the ledger, replies and notices sent by SMTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from tickets.channels.base import (
    Adapter,
    InboundMessage,
    NotUnderstood,
    Placed,
    Sender,
    SendResult,
    Sign,
    Weighed,
)
from tickets.channels.email.inbound import answers, inward, loops, providers, signs, too_large
from tickets.channels.email.inbound.guessing import guess_from_headers
from tickets.channels.email.mailboxes import checking
from tickets.channels.email.outbound import outward, tracking
from tickets.channels.email.reading.sandbox import ParseCrashed, ParseTimeout, parse_in_sandbox
from tickets.channels.guessing import Guess
from tickets.channels.values import DeskLink
from tickets.intake.arrivals import Arrival, KeptFile
from tickets.models import Channel, Inbound, Message, Outbound, Participant, Ticket
from tickets.models.channels.channel import MAILBOX


class EmailAdapter(Adapter):
    slug: ClassVar[str] = MAILBOX
    label = _("email")
    is_mail = True
    sends_copies = True
    can_send_later = True
    reply_label = _("Reply by email")
    banner_url_name = "email:banner"
    care_links = (
        DeskLink(_("Mailbox reconciliation"), "mail", "email:mailboxes"),
        DeskLink(_("Check the DNS records of our mail domains"), "mail", "email:domains"),
    )
    no_address = _("There is no mail address for this customer yet. Add one to their card, or call them.")

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        if inbound.kind == tracking.KIND:
            return [tracking.apply_event(inbound, raw)]
        _refuse_unreadable(inbound)
        if not raw.strip():
            raise NotUnderstood(_("The mail is empty."), code="empty")
        if inbound.envelope.get("refused"):
            raise NotUnderstood(too_large.sentence(inbound.envelope), code="too_large")
        if inbound.envelope.get("too_large"):
            raise NotUnderstood(_("The mail is larger than this installation takes."), code="too_large")
        if checking.is_test_mail(raw):
            return [InboundMessage(Sender("email", ""), "", ignore_rule="mailbox_test")]
        try:
            parsed = parse_in_sandbox(raw)
        except ParseTimeout as error:
            raise NotUnderstood(_("Reading the mail took too long."), code="parse_timeout") from error
        except ParseCrashed as error:
            raise NotUnderstood(_("The mail could not be read."), code="parse_crashed") from error
        return [inward.build_inbound_message(parsed, inbound)]

    def take_answer(
        self, row: Inbound, source: InboundMessage, kept: Sequence[KeptFile], *, now: datetime
    ) -> Placed | None:
        return answers.take_answer(row, source, kept, now=now)

    def signs(self, source: InboundMessage) -> Iterable[Sign]:
        return signs.signs_of(source)

    def is_another_matter(self, source: InboundMessage, sign: Sign, channel: Channel) -> bool:
        return signs.goes_elsewhere(source, sign, channel)

    def weigh(self, arrival: Arrival, ticket: Ticket | None, *, wants_answer: bool) -> Weighed:
        source = arrival.source
        return loops.weigh(
            source.sender.value,
            source.subject,
            ticket.pk if ticket else None,
            reopens=ticket is not None and ticket.is_finished and not source.is_auto,
            wants_answer=wants_answer,
            now=arrival.now,
        )

    def save_channel_rows(self, message: Message, source: InboundMessage, *, now: datetime) -> None:
        if source.external_id:
            signs.remember_id(message, source.external_id)

    def guess(self, raw: bytes) -> Guess:
        return guess_from_headers(raw)

    def reply_address(self, requester: Participant | None, mail_address: str) -> str:
        return mail_address

    def shows_secret(self, channel: Channel) -> bool:
        return bool(channel.options.get("provider"))

    def check_settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return errors for a missing address, and for a provider whose webhook cannot be verified."""
        errors: dict[str, Any] = {}
        if not given.get("address"):
            errors["address"] = _("A mailbox needs its email address.")
        options = given.get("options")
        if isinstance(options, dict) and (error := providers.trouble_with(str(options.get("provider", "")))):
            errors["options"] = error
        return errors

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        return outward.send_outbound(outbound, now=now)


def _refuse_unreadable(inbound: Inbound) -> None:
    """Raise NotUnderstood for a mail that we did not receive whole, with the other side's reason."""
    reason = inbound.envelope.get("unreadable")
    if reason and inbound.envelope.get("webhook"):
        raise NotUnderstood(
            _("What the mail provider sent could not be read: %(said)s") % {"said": reason}, code="unreadable"
        )
    if reason:
        raise NotUnderstood(
            _("The mail server did not deliver this mail to us: %(said)s") % {"said": reason},
            code="unreadable",
        )


adapter = EmailAdapter()
