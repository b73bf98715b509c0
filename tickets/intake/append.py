"""Add a received message to a ticket (open, append or hold), with its contact, files and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from tickets import events
from tickets.actor import SYSTEM
from tickets.conversation import scheduled
from tickets.delivery import outbox
from tickets.intake.arrivals import Arrival, add_message
from tickets.intake.threading import Match
from tickets.models import (
    Contact,
    Event,
    Message,
    Outbound,
    Participant,
    Promise,
    Ticket,
    TicketLink,
)
from tickets.promises import promises
from tickets.states import State

CHASER_AFTER = timedelta(hours=4)


class Opened(NamedTuple):
    """A new ticket's first message, its promise and its acknowledgement, if there are any."""

    message: Message
    promise: Promise | None
    thanks: Outbound | None


def open_ticket(arrival: Arrival, match: Match, *, thank: bool = False) -> Opened:
    """Open a ticket with this message, link it to a ticket it refers to, and promise an answer.

    With `thank` the request is acknowledged by mail, if its sender can be written to.
    """
    ticket = _new_ticket(arrival)
    ticket.save(force_insert=True)
    requester = Participant.objects.create(
        ticket=ticket, customer=arrival.customer, identity=arrival.identity, created_at=arrival.at
    )
    linked = [] if match.ticket is None else [_link(ticket, match.ticket, arrival, match)]
    contact, begun = _contact_of(ticket, arrival, is_new=True)
    message = add_message(ticket, arrival, contact, layer=match.layer)
    promise = promises.draft_answer(ticket, now=arrival.now) if _is_promised(arrival) else None
    if promise is not None:
        promise.save(force_insert=True)
    thanks = _thanks(requester, ticket, arrival) if thank else None
    events.record_many(
        _draft("ticket.created", arrival, ticket, {"customer": arrival.customer.pk, "direction": "in"}),
        _draft("queue.entered", arrival, ticket, {"from_queue": None}),
        *linked,
        *begun,
        _message_event(ticket, message, arrival, is_held=False),
        *([promises.build_made_event(promise, by=SYSTEM)] if promise else []),
        *(outbox.put(thanks) if thanks else []),
    )
    return Opened(message, promise, thanks)


def append(ticket: Ticket, arrival: Arrival, *, layer: str) -> Message:
    """Append a message to a ticket in which its sender participates; a person's message also reopens it."""
    ticket = _locked(ticket.pk)
    earlier = _already_there(ticket, arrival)
    if earlier is not None:
        return earlier
    waited = ticket.waiting_since is not None
    message = _write(ticket, arrival, layer=layer)
    if not arrival.source.is_auto:
        scheduled.stop_scheduled_replies(ticket, by=arrival.by, now=arrival.now)
        _wake(ticket, arrival)
        if not waited and not _is_talking(ticket, arrival):
            _promise_next(ticket, arrival)
    return message


def hold(ticket: Ticket, arrival: Arrival, *, layer: str) -> Message:
    """Hold a new participant's message on the ticket until an agent accepts them; nothing is sent to them."""
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
    asked = [_draft("participant.pending", arrival, ticket, people)] if made else []
    return _write(ticket, arrival, layer=layer, also=asked, is_held=True)


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


def _is_promised(arrival: Arrival) -> bool:
    return arrival.source.wants_promise and not arrival.source.is_auto


def _thanks(requester: Participant, ticket: Ticket, arrival: Arrival) -> Outbound | None:
    """Return the acknowledgement for the outbox; none to who has no address or called our mail spam."""
    if arrival.identity.complained_at is not None or not requester.address:
        return None
    mailbox = outbox.choose_mail_channel(ticket, arrival.row)
    return outbox.draft_thanks(requester, ticket, mailbox, now=arrival.now)


def _link(ticket: Ticket, cited: Ticket, arrival: Arrival, match: Match) -> Event:
    """Link a new ticket to the one it refers to; return the event, unsaved."""
    kind = match.link_kind or TicketLink.Kind.RELATED
    TicketLink.objects.create(
        source=ticket, target=cited, kind=kind, is_suspicious=match.is_suspicious, created_at=arrival.at
    )
    return _draft("ticket.linked", arrival, ticket, {"target": cited.pk, "kind": str(kind)})


def _write(
    ticket: Ticket, arrival: Arrival, *, layer: str, also: Iterable[Event] = (), is_held: bool = False
) -> Message:
    """Save message, files, contact and events in a locked ticket, and update the ticket's times."""
    contact, begun = (None, []) if is_held else _contact_of(ticket, arrival)
    ticket.last_seq += 1
    message = add_message(ticket, arrival, contact, layer=layer, is_held=is_held)
    # Before the times change: whether this is a follow-up depends on when the customer last wrote.
    events.record_many(*also, *begun, _message_event(ticket, message, arrival, is_held=is_held))
    _move_clocks(ticket, arrival, is_held=is_held)
    return message


def _contact_of(
    ticket: Ticket, arrival: Arrival, *, is_new: bool = False
) -> tuple[Contact | None, list[Event]]:
    """Return the message's contact, and the unsaved event of a new one. Automatic mails have no contact."""
    given, is_live = arrival.source.facts.get("contact"), arrival.is_live
    if arrival.source.is_auto:
        return None, []
    if isinstance(given, Contact):
        return given, []
    present = None if is_new or is_live else _waiting_contact(ticket, arrival.customer.pk)
    if present is not None:
        return present, []
    begun = Contact.objects.create(
        ticket=ticket,
        customer=arrival.customer,
        channel_slug=arrival.row.channel.slug,
        is_live=is_live,
        started_at=arrival.at,
    )
    return begun, [_draft("contact.start", arrival, ticket, {"is_live": is_live}, contact_id=begun.pk)]


def _move_clocks(ticket: Ticket, arrival: Arrival, *, is_held: bool) -> None:
    """Save the number of messages in the locked ticket, and since when its customer has been waiting."""
    ticket.updated_at = arrival.now
    if not is_held and not arrival.source.is_auto:
        ticket.last_customer_at = arrival.at
        ticket.waiting_since = ticket.waiting_since or arrival.at
    ticket.save(update_fields=["last_seq", "updated_at", "last_customer_at", "waiting_since"])


def _is_talking(ticket: Ticket, arrival: Arrival) -> bool:
    """Return whether this message is part of a live conversation with an agent, which needs no promise."""
    return isinstance(arrival.source.facts.get("contact"), Contact) and ticket.assignee_id is not None


def _promise_next(ticket: Ticket, arrival: Arrival) -> None:
    if arrival.source.wants_promise and not ticket.is_spam:
        promises.promise_next_answer(ticket, slug=arrival.row.channel.slug, now=arrival.now)


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
    return events.build_event(
        kind,
        ticket=ticket,
        by=arrival.by,
        at=arrival.at,
        channel=arrival.row.channel.slug,
        contact_id=contact_id,
        data=dict(data),
    )


def _already_there(ticket: Ticket, arrival: Arrival) -> Message | None:
    """Return the stored message if a chat client has sent it again after a disconnect, or None."""
    if arrival.source.client_id is None:
        return None
    return ticket.messages.filter(client_id=arrival.source.client_id).first()


def _locked(ticket_id: int) -> Ticket:
    return Ticket.objects.select_for_update().get(pk=ticket_id)


def _waiting_contact(ticket: Ticket, customer_id: int) -> Contact | None:
    return Contact.objects.filter(ticket=ticket, customer=customer_id, ended_at=None, is_live=False).first()
