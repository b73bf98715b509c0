"""Put a received message into a ticket: open, append or hold, with its contact, files and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tickets import events, files, later, promises, threading
from tickets.actor import Actor
from tickets.channels.base import InboundFile, InboundMessage
from tickets.models import (
    Attachment,
    Contact,
    Customer,
    Event,
    Identity,
    Inbound,
    MailReference,
    Message,
    Participant,
    Ticket,
    TicketLink,
)
from tickets.states import State
from tickets.threading import Match

KeptFile = tuple[InboundFile, files.StoredFile]
CHASER_AFTER = timedelta(hours=4)


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
        """When it was received by us: a mail's own date is a claim, kept among the facts."""
        return self.row.received_at

    @property
    def by(self) -> Actor:
        return Actor.for_customer(self.customer)

    @property
    def language(self) -> str:
        return self.source.language or self.customer.language or self.row.channel.language


def open_ticket(arrival: Arrival, match: Match) -> Message:
    """Open a ticket with this message, linked to the one it cites if there is such."""
    begun = begin(arrival, match)
    events.record_many(*begun.drafts)
    return begun.message


class Begun(NamedTuple):
    """A ticket's first message, its requester, and the events that the caller records with its own."""

    message: Message
    requester: Participant
    drafts: list[Event]


def begin(arrival: Arrival, match: Match) -> Begun:
    """Open a ticket as `open_ticket` does, but leave its events to the caller."""
    source, channel = arrival.source, arrival.row.channel
    ticket = Ticket.objects.create(
        subject=(source.subject or source.text.strip().split("\n")[0])[:500].strip(),
        queue=channel.queue,
        channel=channel,
        customer=arrival.customer,
        language=arrival.language,
        last_seq=1,
        waiting_since=None if source.is_auto else arrival.at,
        last_customer_at=None if source.is_auto else arrival.at,
        created_at=arrival.at,
        updated_at=arrival.now,
    )
    requester = Participant.objects.create(
        ticket=ticket, customer=arrival.customer, identity=arrival.identity, created_at=arrival.at
    )
    drafts = [
        _draft("ticket.created", arrival, ticket, {"customer": arrival.customer.pk, "direction": "in"}),
        _draft("queue.entered", arrival, ticket, {"from_queue": None}),
    ]
    if match.ticket is not None:
        drafts.append(_link(ticket, match.ticket, arrival, match))
    contact = None if source.is_auto else _contact_of(ticket, arrival, drafts, is_new=True)
    message = _save_message(ticket, arrival, contact, layer=match.layer)
    drafts.append(_message_event(ticket, message, arrival, is_held=False))
    if (
        source.wants_promise
        and not source.is_auto
        and (made := promises.make_answer(ticket, now=arrival.now))
    ):
        drafts.append(made[1])
    return Begun(message, requester, drafts)


def append(ticket: Ticket, arrival: Arrival, *, layer: str) -> Message:
    """Append to a ticket that the sender takes part in; a person's word reopens or wakes it."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    earlier = _already_there(ticket, arrival)
    if earlier is not None:
        return earlier
    drafts: list[Event] = []
    message = _write(ticket, arrival, layer=layer, drafts=drafts)
    if not arrival.source.is_auto:
        later.stop_scheduled(ticket, by=arrival.by, now=arrival.now)
        _wake(ticket, arrival)
    return message


def hold(ticket: Ticket, arrival: Arrival, *, layer: str) -> Message:
    """Keep a stranger's message on the ticket until an agent says yes; nothing is sent to them."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    participant, made = Participant.objects.get_or_create(
        ticket=ticket,
        customer=arrival.customer,
        defaults={
            "identity": arrival.identity,
            "role": Participant.Role.COPY,
            "state": Participant.State.PENDING,
            "created_at": arrival.at,
        },
    )
    people = {"participant": participant.pk, "customer": arrival.customer.pk}
    drafts = [_draft("participant.pending", arrival, ticket, people)] if made else []
    return _write(ticket, arrival, layer=layer, drafts=drafts, is_held=True)


def _link(ticket: Ticket, cited: Ticket, arrival: Arrival, match: Match) -> Event:
    kind = match.link_kind or TicketLink.Kind.RELATED
    TicketLink.objects.create(
        source=ticket,
        target=cited,
        kind=kind,
        is_suspicious=match.is_suspicious,
        created_at=arrival.at,
    )
    return _draft("ticket.linked", arrival, ticket, {"target": cited.pk, "kind": str(kind)})


def _write(
    ticket: Ticket, arrival: Arrival, *, layer: str, drafts: list[Event], is_held: bool = False
) -> Message:
    """Save message, files, mail ids, contact and events; move the ticket's own clocks."""
    contact = None if is_held or arrival.source.is_auto else _contact_of(ticket, arrival, drafts)
    ticket.last_seq += 1
    message = _save_message(ticket, arrival, contact, layer=layer, is_held=is_held)
    drafts.append(_message_event(ticket, message, arrival, is_held=is_held))
    _move_clocks(ticket, arrival, is_held=is_held)
    events.record_many(*drafts)
    return message


def _contact_of(ticket: Ticket, arrival: Arrival, drafts: list[Event], *, is_new: bool = False) -> Contact:
    """Return the contact this word belongs to; one that has just begun adds its event to `drafts`."""
    given, is_live = arrival.source.facts.get("contact"), arrival.source.is_live
    if isinstance(given, Contact):
        return given
    waiting = Contact.objects.filter(ticket=ticket, customer=arrival.customer, ended_at=None, is_live=False)
    present = None if is_new or is_live else waiting.first()
    if present is not None:
        return present
    begun = Contact.objects.create(
        ticket=ticket,
        customer=arrival.customer,
        channel_slug=arrival.row.channel.slug,
        is_live=is_live,
        started_at=arrival.at,
    )
    drafts.append(_draft("contact.start", arrival, ticket, {"is_live": is_live}, contact_id=begun.pk))
    return begun


def _save_message(
    ticket: Ticket, arrival: Arrival, contact: Contact | None, *, layer: str, is_held: bool = False
) -> Message:
    """Save the message with its files and the mail id by which answers to it are found."""
    source = arrival.source
    facts = {key: value for key, value in source.facts.items() if not isinstance(value, Contact)}
    if arrival.candidates:
        facts["candidates"] = list(arrival.candidates)
    message = Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        kind=Message.Kind.INBOUND,
        channel_slug=arrival.row.channel.slug,
        contact=contact,
        author_customer=arrival.customer,
        from_address=(source.sender.display or source.sender.value)[:320],
        from_name=source.sender.name[:200],
        text=source.text,
        reply_text=source.reply_text,
        html=source.html,
        html_safe=source.html_safe,
        sanitiser=source.sanitiser,
        language=arrival.language,
        is_auto=source.is_auto,
        auto_reason=source.auto_reason[:80],
        is_held=is_held,
        thread_layer=layer,
        mail_id=source.mail_id[:500],
        client_id=source.client_id,
        inbound=arrival.row,
        facts=facts,
        created_at=arrival.at,
    )
    if arrival.kept:
        save_files(message, arrival.kept, at=arrival.at)
    if source.mail_id:
        _save_reference(message, source.mail_id)
    return message


def _save_reference(message: Message, mail_id: str) -> None:
    theirs = MailReference(
        digest=threading.digest(mail_id),
        kind=MailReference.Kind.THEIRS,
        ticket=message.ticket,
        message=message,
    )
    MailReference.objects.bulk_create([theirs], ignore_conflicts=True)


def save_files(message: Message, kept: Sequence[KeptFile], *, at: datetime) -> None:
    """Put stored files beside a message."""
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            name=files.safe_name(file.name),
            content_type=file.content_type[:120],
            size=stored.size,
            key=stored.key,
            sha256=stored.sha256,
            content_id=file.content_id[:250],
            is_inline=file.is_inline,
            created_at=at,
        )
        for file, stored in kept
    )


def _move_clocks(ticket: Ticket, arrival: Arrival, *, is_held: bool) -> None:
    fields = ["last_seq", "updated_at"]
    ticket.updated_at = arrival.now
    if not is_held and not arrival.source.is_auto:
        ticket.last_customer_at = arrival.at
        ticket.waiting_since = ticket.waiting_since or arrival.at
        fields += ["last_customer_at", "waiting_since"]
    ticket.save(update_fields=fields)


def _wake(ticket: Ticket, arrival: Arrival) -> None:
    if ticket.is_finished:
        ticket.reopen(by=arrival.by, now=arrival.now, cause="customer")
    elif ticket.state in (State.PENDING, State.ON_HOLD):
        ticket.open(by=arrival.by, now=arrival.now)


def _message_event(ticket: Ticket, message: Message, arrival: Arrival, *, is_held: bool) -> Event:
    people = {"message": message.pk, "customer": arrival.customer.pk}
    if is_held:
        return _draft("message.held", arrival, ticket, people)
    last, waits = ticket.last_customer_at, ticket.waiting_since is not None
    is_chaser = bool(waits and last and arrival.at - last > CHASER_AFTER)
    said = {**people, "is_auto": arrival.source.is_auto, "is_chaser": is_chaser, "needs_no_action": False}
    return _draft("message.in", arrival, ticket, said, contact_id=message.contact_id)


def _draft(
    kind: str, arrival: Arrival, ticket: Ticket, data: Mapping[str, object], contact_id: int | None = None
) -> Event:
    return events.draft(
        kind,
        ticket=ticket,
        by=arrival.by,
        at=arrival.at,
        channel=arrival.row.channel.slug,
        contact_id=contact_id,
        data=dict(data),
    )


def _already_there(ticket: Ticket, arrival: Arrival) -> Message | None:
    """A chat client that resends after a drop gets its first message again, not a second one."""
    if arrival.source.client_id is None:
        return None
    return ticket.messages.filter(client_id=arrival.source.client_id).first()
