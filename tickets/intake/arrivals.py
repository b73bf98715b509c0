"""One received message with everything known about it, and the rows it becomes: message and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.actor import Actor
from tickets.channels.base import InboundFile, InboundMessage
from tickets.channels.registry import adapter_for
from tickets.models import (
    Attachment,
    Contact,
    Customer,
    Identity,
    Inbound,
    Message,
    Ticket,
)
from tickets.platform import files

KeptFile = tuple[InboundFile, files.StoredFile]


@dataclass(frozen=True)
class Arrival:
    """One received message with everything known about it."""

    row: Inbound
    source: InboundMessage
    kept: list[KeptFile]
    customer: Customer
    identity: Identity
    now: datetime
    candidates: tuple[int, ...] = ()

    @property
    def at(self) -> datetime:
        """When we received it, or it became work; a mail's own date is only a claim, stored in the facts."""
        return self.row.counts_from

    @property
    def is_live(self) -> bool:
        """Whether the customer is waiting in person, as in a call or a chat."""
        return adapter_for(self.row.channel.slug).is_live

    @property
    def by(self) -> Actor:
        return Actor.for_customer(self.customer)

    @property
    def language(self) -> str:
        return self.source.language or self.customer.language or self.row.channel.language


def add_message(
    ticket: Ticket,
    arrival: Arrival,
    contact: Contact | None,
    *,
    layer: str,
    is_held: bool = False,
) -> Message:
    """Save the message with its files, except those for a forwarding colleague's note; return it."""
    message = _message(ticket, arrival, contact, layer=layer, is_held=is_held)
    message.save(force_insert=True)
    save_files(message, [kept for kept in arrival.kept if not kept[0].is_for_note], at=arrival.at)
    return message


def save_files(message: Message, kept: Sequence[KeptFile], *, at: datetime) -> None:
    """Attach stored files to a message."""
    Attachment.objects.bulk_create(_attachment(message, file, stored, at=at) for file, stored in kept)


def _message(
    ticket: Ticket, arrival: Arrival, contact: Contact | None, *, layer: str, is_held: bool
) -> Message:
    message = build_message(ticket, arrival.row, arrival.source, layer=layer, language=arrival.language)
    if arrival.candidates:
        message.facts["candidates"] = list(arrival.candidates)
    message.contact, message.author_customer, message.is_held = contact, arrival.customer, is_held
    message.created_at = arrival.at
    return message


def build_message(
    ticket: Ticket, row: Inbound, source: InboundMessage, *, layer: str, language: str
) -> Message:
    """Return the unsaved message for a received item, still without an author."""
    facts = {key: value for key, value in source.facts.items() if not isinstance(value, Contact)}
    if source.notice is not None:
        facts["notice"] = dict(source.notice)
    return Message(
        ticket=ticket,
        seq=ticket.last_seq,
        kind=Message.Kind.INBOUND,
        channel_slug=row.channel.slug,
        from_address=(source.sender.display or source.sender.value)[:320],
        from_name=source.sender.name[:200],
        text=source.text,
        reply_text=source.reply_text,
        html=source.html,
        html_safe=source.html_safe,
        sanitiser=source.sanitiser,
        language=language,
        is_auto=source.is_auto,
        auto_reason=source.auto_reason[:80],
        thread_layer=layer,
        mail_id=source.external_id[:500],
        client_id=source.client_id,
        inbound=row,
        facts=facts,
        created_at=row.counts_from,
    )


def _attachment(message: Message, file: InboundFile, stored: files.StoredFile, *, at: datetime) -> Attachment:
    return Attachment(
        message=message,
        name=files.clean_name(file.name),
        content_type=file.content_type[:120],
        size=stored.size,
        key=stored.key,
        sha256=stored.sha256,
        content_id=file.content_id[:250],
        is_inline=file.is_inline,
        created_at=at,
    )
