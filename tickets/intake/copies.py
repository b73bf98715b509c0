"""People whom a message names in copy: they take part by an agent's click, or by the queue's choice.

Their address is a claim until they answer. They get our answers and may answer; they see nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.channels.base import Copied, Sender
from tickets.customers import identity, links
from tickets.intake import pending_participants
from tickets.intake.arrivals import Arrival
from tickets.models import Participant, Ticket
from tickets.models.channels.company_mailboxes import is_mailbox_address, load_mailboxes

EMAIL = "email"
MOST_PARTICIPANTS = 30


def copied_in(facts: dict[str, object]) -> list[Copied]:
    """Return whom the facts of a message name in copy, colleagues left out; the order stays the same."""
    named = facts.get("copied")
    people = named if isinstance(named, list) else []
    return [Copied(one["address"], one["name"]) for one in people if not one.get("is_colleague")]


def add_by_queue(ticket: Ticket, arrival: Arrival) -> None:
    """Let those in copy of a message take part where the ticket's queue wants it.

    Only a person who has proved their own address brings others in, and nobody whom an agent left out.
    """
    source = arrival.source
    if source.copied and source.sender.is_verified and not source.is_auto and ticket.queue.adds_copies:
        people = copied_in(dict(source.facts))
        add_copies(ticket, people, by=arrival.by, now=arrival.now, keeps_refusals=True)


def add_copies(
    ticket: Ticket, people: Sequence[Copied], *, by: Actor, now: datetime, keeps_refusals: bool = False
) -> int:
    """Let people take part in a ticket, by their mail addresses; return how many are new.

    Who waited for a yes, or was left out, takes part as who they are; with `keeps_refusals` who was left out
    stays so. Our own mailboxes are passed over.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        present = _present(ticket)
        mailboxes = load_mailboxes()
        added = 0
        for one in people:
            if is_mailbox_address(one.address, mailboxes):
                continue
            if (part := present.get(one.address)) is not None:
                if keeps_refusals and part.state == Participant.State.REFUSED:
                    continue
                added += _let_in(part, by=by, now=now)
            elif len(present) < MOST_PARTICIPANTS:
                present[one.address] = _add(ticket, one, by=by, now=now)
                added += 1
    return added


def leave_out(participant: Participant, *, by: Actor, now: datetime) -> bool:
    """Let somebody in copy take part no more; return whether they did. Links that they were sent end."""
    with transaction.atomic():
        rows = Participant.objects.accepted().filter(pk=participant.pk, role=Participant.Role.COPY)
        if not rows.update(state=Participant.State.REFUSED):
            return False
        links.revoke_links(participant, by=by, now=now)
        _record("participant.refused", participant, by=by, now=now)
    return True


def _present(ticket: Ticket) -> dict[str, Participant]:
    """Return who takes part, waits or was left out, by mail address; those who take part go first."""
    rows = ticket.participants.filter(identity__kind=EMAIL).select_related("identity", "ticket")
    in_order = sorted(rows, key=lambda row: row.state == Participant.State.ACCEPTED)
    return {row.identity.value.lower(): row for row in in_order if row.identity is not None}


def _let_in(participant: Participant, *, by: Actor, now: datetime) -> int:
    if participant.state == Participant.State.PENDING:
        return int(pending_participants.accept(participant, by=by, now=now))
    if participant.state == Participant.State.ACCEPTED:
        return 0
    Participant.objects.filter(pk=participant.pk).update(state=Participant.State.ACCEPTED)
    _record("participant.accepted", participant, by=by, now=now)
    return 1


def _add(ticket: Ticket, one: Copied, *, by: Actor, now: datetime) -> Participant:
    claimant = Sender(EMAIL, one.address, name=one.name, display=one.address)
    known = identity.resolve_sender(claimant, language=ticket.language, now=now)
    made = Participant.objects.create(
        ticket=ticket,
        customer=known.customer,
        identity=known.identity,
        role=Participant.Role.COPY,
        created_at=now,
    )
    _record("participant.added", made, by=by, now=now, role=str(made.role))
    return made


def _record(kind: str, participant: Participant, *, by: Actor, now: datetime, **more: str) -> None:
    data = {"participant": participant.pk, "customer": participant.customer_id, **more}
    events.record(kind, ticket=participant.ticket, by=by, at=now, data=data)
