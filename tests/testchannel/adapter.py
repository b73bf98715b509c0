"""Text messages: each is an event of a gateway, signed in our own format; replies go back to the number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tickets.channels.base import Adapter, InboundMessage, NotUnderstood, Sender, SendResult
from tickets.models import Channel, Inbound, Outbound, Ticket
from tickets.models.channels.delivery_error import DeliveryError

UNREACHABLE, BUSY = "+33600000001", "+33600000002"
gateway: list[tuple[str, str]] = []  # what was sent, as (number, text); a test empties it


class TextMessages(Adapter):
    slug: ClassVar[str] = "sms"
    label = "text message"
    takes_events = True
    joins_open_ticket = True
    sends_files = False

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        try:
            told = json.loads(raw)
            number, text = str(told["from"]), str(told["text"]).replace("\x00", "")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotUnderstood from error
        return [InboundMessage(Sender("phone", number[:320], is_verified=True), text)]

    def carries_reply(self, ticket: Ticket, channel: Channel) -> bool:
        return True

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        if outbound.to == UNREACHABLE:
            return SendResult.unsent(DeliveryError.permanent("No such number", code="21211", provider="sms"))
        if outbound.to == BUSY:
            return SendResult.unsent(DeliveryError.temporary("Too many", code="429", provider="sms"))
        gateway.append((outbound.to, outbound.message.text if outbound.message else ""))
        return SendResult.sent(f"sms-{len(gateway)}")


adapter = TextMessages()
