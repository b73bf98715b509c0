"""Notices: automatic messages that need no answer. One joins its ticket and alerts nobody, or it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tickets import events, prepared
from tickets.actor import SYSTEM
from tickets.channels.base import InboundMessage, Placed, Sign
from tickets.customers.claims import find_claimant
from tickets.intake import ledger, threading
from tickets.intake.arrivals import KeptFile, build_message, save_files
from tickets.models import Channel, Inbound, Message, Notice, Participant, Reader, Ticket
from tickets.models.channels.notice import TEXT
from tickets.platform.text import make_json_storable, make_storable

MAX_PER_HOUR = 20  # on one ticket, from senders outside it: everybody who has our mail can send these


def treat_as_message(source: InboundMessage) -> InboundMessage:
    """Return a notice as an ordinary message without an automatic answer; any other message as it is."""
    if source.notice is None:
        return source
    return replace(
        source, notice=None, is_auto=False, wants_acknowledgement=False, wants_promise=False, refusal="",
        details=None,
    )  # fmt: skip


def find_ticket(source: InboundMessage, channel: Channel) -> Sign | None:
    """Return the sign of the ticket that a notice belongs to; None if it is refused or refers to no ticket.

    A strong sign is enough, since a notice changes nothing and only agents see it. A weak sign, which anybody
    can write, counts only from a participant.
    """
    if source.refusal:
        return None
    for sign in threading.signs_of(source, channel):
        ticket = threading.survivor(sign.ticket)
        found = replace(sign, ticket=ticket)
        if not ticket.is_spam and (sign.is_strong or is_from_participant(found, source)):
            return found
    return None


def is_from_participant(sign: Sign, source: InboundMessage) -> bool:
    """Tell whether the sender is the customer or a participant of the sign's ticket.

    Their address must be proved. A claimed one is enough if the sign is strong, since that sign proves it.
    """
    ticket, sender = sign.ticket, source.sender
    if not (sender.is_verified and sender.value):
        return False
    known = prepared.load_proved_identities(sender.kind, sender.value[:320])
    people = {person for one in known for person in (one.customer_id, one.customer.merged_into_id) if person}
    if ticket.customer_id in people or (sign.is_strong and find_claimant(ticket, sender.value) is not None):
        return True
    return Participant.objects.accepted().filter(ticket=ticket, customer__in=people).exists()


def add_notice(
    sign: Sign, row: Inbound, source: InboundMessage, kept: Sequence[KeptFile], *, now: datetime
) -> Placed:
    """Append a notice from a sender outside the ticket: a mail server, or a colleague of the customer.

    The sender becomes neither a participant nor a customer. Above the hourly limit the notice is kept.
    """
    ticket = Ticket.objects.select_for_update().get(pk=sign.ticket.pk)
    if _is_flooded(ticket, now=now):
        return keep_notice(row, source, now=now)
    ticket.last_seq += 1
    ticket.save(update_fields=["last_seq"])
    language = source.language or row.channel.language
    message = build_message(ticket, row, source, layer=sign.name, language=language)
    message.save(force_insert=True)
    save_files(message, kept, at=row.received_at)
    data = {"message": message.pk, "kind": _notice_of(source)["kind"]}
    events.record(
        "message.notice", ticket=ticket, by=SYSTEM, at=row.received_at, channel=row.channel.slug, data=data
    )
    keep_ticket_read(message)
    return Placed(Inbound.State.ATTACHED, sign.name, ticket, message)


def keep_ticket_read(message: Message) -> None:
    """Leave the ticket read for everybody who had read all messages before this one."""
    Reader.objects.filter(ticket=message.ticket_id, seen_seq=message.seq - 1).update(seen_seq=message.seq)


def keep_notice(row: Inbound, source: InboundMessage, *, now: datetime) -> Placed:
    """Store a notice that belongs to no ticket, with the fields that the list shows and searches."""
    says = _notice_of(source)
    Notice(
        inbound=row,
        kind=says["kind"],
        sender=make_storable(source.sender.display or source.sender.value)[:320],
        name=make_storable(source.sender.name)[:200],
        subject=make_storable(source.subject)[:500],
        text=make_storable(source.text)[:TEXT],
        says=make_json_storable(dict(says)),
        received_at=row.received_at,
    ).save(force_insert=True)
    ledger.keep(row, kind=says["kind"], why=source.refusal, now=now)
    return Placed(Inbound.State.KEPT, "notice")


def _notice_of(source: InboundMessage) -> Mapping[str, Any]:
    if source.notice is None:
        raise ValueError("This message is no notice.")
    return source.notice


def _is_flooded(ticket: Ticket, *, now: datetime) -> bool:
    recent = Message.objects.filter(ticket=ticket, created_at__gt=now - timedelta(hours=1))
    return recent.filter(facts__has_key="notice").count() >= MAX_PER_HOUR
