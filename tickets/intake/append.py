"""Put a received message into a ticket: open, append or hold, with its contact, files and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from tickets import events
from tickets.conversation import scheduled
from tickets.intake.arrivals import Arrival, add_message
from tickets.intake.threading import Match
from tickets.models import (
    Attachment,
    Contact,
    Event,
    MailReference,
    Message,
    Outbound,
    Participant,
    Promise,
    Ticket,
    TicketLink,
)
from tickets.platform.bulk_insert import BulkInsert
from tickets.promises import promises
from tickets.states import State

CHASER_AFTER = timedelta(hours=4)

MOVE_CLOCKS = """
UPDATE tickets_ticket SET last_seq = %s, updated_at = %s, last_customer_at = %s, waiting_since = %s
WHERE id = %s
"""


def open_ticket(arrival: Arrival, match: Match) -> Message:
    """Open a ticket with this message, linked to the one it cites if there is such."""
    begun = begin_ticket(arrival, match)
    events.record_many(*begun.drafts, beside=begun.rows)
    return begun.message


class Begun(NamedTuple):
    """A ticket's first message and requester; the caller writes the rows and the events that tell of them.

    Nothing is in the database before that. `promise` and `thanks` are among the rows, where they are made.
    """

    message: Message
    requester: Participant
    rows: BulkInsert
    drafts: list[Event]
    promise: Promise | None = None
    thanks: Outbound | None = None


def begin_ticket(arrival: Arrival, match: Match) -> Begun:
    """Open a ticket as `open_ticket` does, but leave the writing to the caller, who may add to it."""
    source = arrival.source
    files_too = [Attachment] * len(arrival.kept)
    rows = BulkInsert()
    rows.draw(Ticket, Participant, Contact, Message, MailReference, Promise, Outbound, *files_too)
    ticket = rows.add(_new_ticket(arrival))
    requester = rows.add(
        Participant(
            ticket=ticket, customer=arrival.customer, identity=arrival.identity, created_at=arrival.at
        )
    )
    drafts = [
        _draft("ticket.created", arrival, ticket, {"customer": arrival.customer.pk, "direction": "in"}),
        _draft("queue.entered", arrival, ticket, {"from_queue": None}),
    ]
    if match.ticket is not None:
        drafts.append(_link(ticket, match.ticket, arrival, match, rows))
    contact = None if source.is_auto else _contact_of(ticket, arrival, rows, drafts, is_new=True)
    message = add_message(ticket, arrival, contact, rows, layer=match.layer)
    drafts.append(_message_event(ticket, message, arrival, is_held=False))
    promise = None
    if source.wants_promise and not source.is_auto:
        made = promises.make_answer(ticket, now=arrival.now, beside=rows)
        if made is not None:
            promise, said = made
            drafts.append(said)
    return Begun(message, requester, rows, drafts, promise)


def append(ticket: Ticket, arrival: Arrival, *, layer: str, beside: BulkInsert | None = None) -> Message:
    """Append to a ticket that the sender takes part in; a person's word reopens or wakes it.

    What is to be written `beside` the message is written in the same statement.
    """
    rows = beside or BulkInsert()
    ticket = _locked(ticket.pk)
    earlier = _already_there(ticket, arrival)
    if earlier is not None:
        rows.write()
        return earlier
    message = _write(ticket, arrival, layer=layer, rows=rows, drafts=[])
    if not arrival.source.is_auto:
        scheduled.stop_scheduled(ticket, by=arrival.by, now=arrival.now)
        _wake(ticket, arrival)
    return message


def hold(ticket: Ticket, arrival: Arrival, *, layer: str, beside: BulkInsert | None = None) -> Message:
    """Keep a stranger's message on the ticket until an agent says yes; nothing is sent to them."""
    ticket = _locked(ticket.pk)
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
    return _write(ticket, arrival, layer=layer, rows=beside or BulkInsert(), drafts=drafts, is_held=True)


def _new_ticket(arrival: Arrival) -> Ticket:
    source, channel = arrival.source, arrival.row.channel
    said_at = None if source.is_auto else arrival.at
    return Ticket(
        subject=(source.subject or source.text.strip().split("\n")[0])[:500].strip(),
        queue=channel.queue,
        channel=channel,
        customer=arrival.customer,
        language=arrival.language,
        last_seq=1,
        waiting_since=said_at,
        last_customer_at=said_at,
        created_at=arrival.at,
        updated_at=arrival.now,
    )


def _link(ticket: Ticket, cited: Ticket, arrival: Arrival, match: Match, rows: BulkInsert) -> Event:
    kind = match.link_kind or TicketLink.Kind.RELATED
    rows.add(
        TicketLink(
            source=ticket,
            target=cited,
            kind=kind,
            is_suspicious=match.is_suspicious,
            created_at=arrival.at,
        )
    )
    return _draft("ticket.linked", arrival, ticket, {"target": cited.pk, "kind": str(kind)})


def _write(
    ticket: Ticket,
    arrival: Arrival,
    *,
    layer: str,
    rows: BulkInsert,
    drafts: list[Event],
    is_held: bool = False,
) -> Message:
    """Save message, files, mail ids, contact and events; move the ticket's own clocks."""
    rows.draw(Message, MailReference, *[Attachment] * len(arrival.kept))
    contact = None if is_held or arrival.source.is_auto else _contact_of(ticket, arrival, rows, drafts)
    ticket.last_seq += 1
    message = add_message(ticket, arrival, contact, rows, layer=layer, is_held=is_held)
    drafts.append(_message_event(ticket, message, arrival, is_held=is_held))
    _move_clocks(ticket, arrival, rows, is_held=is_held)
    events.record_many(*drafts, beside=rows)
    return message


def _contact_of(
    ticket: Ticket, arrival: Arrival, rows: BulkInsert, drafts: list[Event], *, is_new: bool = False
) -> Contact:
    """Return the contact this word belongs to; one that has just begun is added, with its event."""
    given, is_live = arrival.source.facts.get("contact"), arrival.source.is_live
    if isinstance(given, Contact):
        return given
    present = None
    if not (is_new or is_live):
        present = _waiting_contact(ticket, arrival.customer.pk)
    if present is not None:
        return present
    begun = rows.add(
        Contact(
            ticket=ticket,
            customer=arrival.customer,
            channel_slug=arrival.row.channel.slug,
            is_live=is_live,
            started_at=arrival.at,
        )
    )
    drafts.append(_draft("contact.start", arrival, ticket, {"is_live": is_live}, contact_id=begun.pk))
    return begun


def _move_clocks(ticket: Ticket, arrival: Arrival, rows: BulkInsert, *, is_held: bool) -> None:
    """Say in the locked ticket that it has one message more, and since when its customer waits."""
    ticket.updated_at = arrival.now
    if not is_held and not arrival.source.is_auto:
        ticket.last_customer_at = arrival.at
        ticket.waiting_since = ticket.waiting_since or arrival.at
    clocks = [ticket.last_seq, ticket.updated_at, ticket.last_customer_at, ticket.waiting_since, ticket.pk]
    rows.change(MOVE_CLOCKS, clocks)


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


def _locked(ticket_id: int) -> Ticket:
    return Ticket.objects.select_for_update().get(pk=ticket_id)


def _waiting_contact(ticket: Ticket, customer_id: int) -> Contact | None:
    return Contact.objects.filter(ticket=ticket, customer=customer_id, ended_at=None, is_live=False).first()
