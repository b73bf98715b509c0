"""A machine's word that nobody has to answer: it joins its ticket without a sound, or is kept."""

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
from tickets.intake.arrivals import KeptFile, message_of, save_files
from tickets.models import Channel, Inbound, Message, Notice, Participant, Reader, Ticket
from tickets.models.channels.notice import TEXT
from tickets.platform.text import make_json_storable, make_storable

MOST_AN_HOUR = 20  # of people who take no part, on one ticket: whoever got our mail may write there


def as_a_word(source: InboundMessage) -> InboundMessage:
    """Return a notice as its sender's word, which software does not answer; any other thing as it is."""
    if source.notice is None:
        return source
    return replace(
        source, notice=None, is_auto=False, wants_acknowledgement=False, wants_promise=False, refusal="",
        details=None,
    )  # fmt: skip


def find_ticket(source: InboundMessage, channel: Channel) -> Sign | None:
    """Return the sign of the ticket that a notice belongs to; None for what is refused or cites none.

    A strong sign is enough, since a notice asks nothing and is shown to nobody but us. A weak one, which
    anybody may write, counts from somebody who takes part.
    """
    if source.refusal:
        return None
    for sign in threading.signs_of(source, channel):
        ticket = threading.survivor(sign.ticket)
        found = replace(sign, ticket=ticket)
        if not ticket.is_spam and (sign.is_strong or takes_part(found, source)):
            return found
    return None


def takes_part(sign: Sign, source: InboundMessage) -> bool:
    """Tell whether the sender is somebody of the sign's ticket.

    By a proved address; by one that was claimed for them where the sign is strong, which proves it.
    """
    ticket, sender = sign.ticket, source.sender
    if not (sender.is_verified and sender.value):
        return False
    known = prepared.load_proved_identities(sender.kind, sender.value[:320])
    people = {person for one in known for person in (one.customer_id, one.customer.merged_into_id) if person}
    if ticket.customer_id in people or (sign.is_strong and find_claimant(ticket, sender.value) is not None):
        return True
    return Participant.objects.accepted().filter(ticket=ticket, customer__in=people).exists()


def add(
    sign: Sign, row: Inbound, source: InboundMessage, kept: Sequence[KeptFile], *, now: datetime
) -> Placed:
    """Put a notice of somebody who takes no part into a ticket: a server, a colleague of the customer's.

    Nobody is asked to let them in, and no customer is made of them.
    """
    ticket = Ticket.objects.select_for_update().get(pk=sign.ticket.pk)
    if _is_flooded(ticket, now=now):
        return keep(row, source, now=now)
    ticket.last_seq += 1
    ticket.save(update_fields=["last_seq"])
    language = source.language or row.channel.language
    message = message_of(ticket, row, source, layer=sign.name, language=language)
    message.save(force_insert=True)
    save_files(message, kept, at=row.received_at)
    data = {"message": message.pk, "kind": _says(source)["kind"]}
    events.record(
        "message.notice", ticket=ticket, by=SYSTEM, at=row.received_at, channel=row.channel.slug, data=data
    )
    leave_as_read(message)
    return Placed(Inbound.State.ATTACHED, sign.name, ticket, message)


def leave_as_read(message: Message) -> None:
    """Keep a ticket as read for whoever had read it all before this message."""
    Reader.objects.filter(ticket=message.ticket_id, seen_seq=message.seq - 1).update(seen_seq=message.seq)


def keep(row: Inbound, source: InboundMessage, *, now: datetime) -> Placed:
    """Keep a notice that belongs to no ticket, with what is shown and searched of it."""
    says = _says(source)
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


def _says(source: InboundMessage) -> Mapping[str, Any]:
    if source.notice is None:
        raise ValueError("This message is no notice.")
    return source.notice


def _is_flooded(ticket: Ticket, *, now: datetime) -> bool:
    lately = Message.objects.filter(ticket=ticket, created_at__gt=now - timedelta(hours=1))
    return lately.filter(facts__has_key="notice").count() >= MOST_AN_HOUR
