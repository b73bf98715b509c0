"""Apply a person's reply to its ticket: promises, contacts, waiting time and state.

A reply is applied when it is written, a scheduled reply when it is sent.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import events, prepared
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.models import Contact, Event, Message, Outbound, Promise, Ticket
from tickets.promises import promises
from tickets.states import State

# The states that may follow a reply, and the ticket's verb for each.
VERBS = {
    State.PENDING: "wait_for_customer",
    State.OPEN: "open",
    State.ON_HOLD: "put_on_hold",
    State.SOLVED: "solve",
}


def settle_reply(ticket: Ticket, message: Message, *, by: Actor, now: datetime) -> list[Event]:
    """Record a reply: settle the promises it keeps, and end the customer's contacts.

    Return the events, unsaved; `apply_next_state` comes after them. Must run in a transaction that has locked
    the ticket, after `stop_waiting` was called and saved.
    """
    data = {"message": message.pk, "is_auto": False, "customer": ticket.customer_id}
    out = events.build_event(
        "message.out", ticket=ticket, by=by, at=now, channel=message.channel_slug, data=data
    )
    kept = promises.settle_promises(ticket, Promise.Kind.ANSWER, by=by, now=now)
    return [out, *_end_contacts(ticket, by=by, now=now), *kept]


def stop_waiting(ticket: Ticket, *, now: datetime) -> None:
    """Set on the ticket that the customer no longer waits for us; the caller saves it."""
    ticket.waiting_since = None
    ticket.first_response_at = ticket.first_response_at or now


def release_reply(row: Outbound, *, now: datetime) -> None:
    """Release a held reply that is being sent: customers may see it. A scheduled reply is applied now.

    The payload of a scheduled reply contains `then`, the state that it sets. It is removed here, so that a
    second attempt to send does not apply the reply again.
    """
    message = row.message
    if message is None or not message.is_held or row.kind != Outbound.Kind.REPLY or row.ticket is None:
        return
    with transaction.atomic():
        then = row.payload.pop("then", "")
        message.is_held, message.created_at = False, now if then else message.created_at
        message.save(update_fields=["is_held", "created_at"])
        if then:
            row.save(update_fields=["payload"])
            ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=row.ticket.pk)
            stop_waiting(ticket, now=now)
            ticket.save(update_fields=["waiting_since", "first_response_at"])
            by = Actor.for_user(message.author_user)
            events.record_many(*settle_reply(ticket, message, by=by, now=now))
            apply_next_state(ticket, then, by=by, now=now)
            row.ticket.refresh_from_db()


def check_next_state(then: str) -> None:
    """Raise Invalid if `then` is not a state that may follow a reply."""
    if then not in VERBS:
        raise Invalid(code="unknown_state")


def apply_next_state(ticket: Ticket, then: str, *, by: Actor, now: datetime) -> None:
    """Set the state that the agent chose for the ticket.

    A finished ticket that shall wait on the customer is reopened first. Raises Invalid for a state that may
    not follow a reply, WrongState if the ticket's state does not allow it.
    """
    check_next_state(then)
    if then == State.PENDING and ticket.is_finished:
        ticket.reopen(by=by, now=now, cause="agent")
    getattr(ticket, VERBS[State(then)])(by=by, now=now)


def _end_contacts(ticket: Ticket, *, by: Actor, now: datetime) -> list[Event]:
    """End the open contacts of a ticket and return their events, unsaved.

    The customer's next message starts a new contact. A live contact (chat, call) ends when somebody leaves.
    """
    waiting = prepared.load_waiting_contacts(ticket.pk)
    if waiting:
        Contact.objects.filter(pk__in=[contact.pk for contact in waiting]).update(ended_at=now)
    return [
        events.build_event(
            "contact.end",
            ticket=ticket,
            by=by,
            at=now,
            contact_id=contact.pk,
            channel=contact.channel_slug,
            data={"is_live": False},
        )
        for contact in waiting
    ]
