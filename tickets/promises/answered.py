"""What a person's answer changes at the moment it counts as given: promises, contacts, waiting, state."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.models import Contact, Event, Message, Outbound, Promise, Ticket
from tickets.promises import promises

VERBS = {"pending": "wait_for_customer", "open": "open", "on_hold": "put_on_hold", "solved": "solve"}


def apply_reply(ticket: Ticket, message: Message, then: str, *, by: Actor, now: datetime) -> None:
    """Count a reply as given, in the caller's transaction; `then` is the ticket's next state.

    The caller has locked the ticket; `stop_waiting` came before, and is saved.
    """
    data = {"message": message.pk, "is_auto": False, "customer": ticket.customer_id}
    out = events.build_event(
        "message.out", ticket=ticket, by=by, at=now, channel=message.channel_slug, data=data
    )
    kept = promises.settle_promises(ticket, Promise.Kind.ANSWER, by=by, now=now)
    events.record_many(out, *_end_contacts(ticket, by=by, now=now), *kept)
    apply_next_state(ticket, then, by=by, now=now)


def stop_waiting(ticket: Ticket, *, now: datetime) -> None:
    """Say that nobody waits for us any more; the caller saves it."""
    ticket.waiting_since = None
    ticket.first_response_at = ticket.first_response_at or now


def release_reply(row: Outbound, *, now: datetime) -> None:
    """A held reply leaves now: the customer may see it, and one sent later counts as given from now on."""
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
            apply_reply(ticket, message, then, by=Actor.for_user(message.author_user), now=now)
            row.ticket.refresh_from_db()


def check_next_state(then: str) -> None:
    """Raise Invalid for a state that cannot follow a reply."""
    if then not in VERBS:
        raise Invalid(code="unknown_state")


def apply_next_state(ticket: Ticket, then: str, *, by: Actor, now: datetime) -> None:
    """Bring the ticket into the state the agent chose beside the reply."""
    check_next_state(then)
    if then == "pending" and ticket.is_finished:
        ticket.reopen(by=by, now=now, cause="agent")
    getattr(ticket, VERBS[then])(by=by, now=now)


def _end_contacts(ticket: Ticket, *, by: Actor, now: datetime) -> list[Event]:
    """End what the customer had to say so far: their next word is a new contact.

    Return the events, unsaved. A live conversation goes on until somebody leaves it.
    """
    waiting = list(Contact.objects.filter(ticket=ticket, ended_at=None, is_live=False).order_by("id"))
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
