"""People in copy of a message: an agent adds them to the ticket by a click, or the queue adds them by itself.

Their address is a claim until they answer. They receive our replies and may reply; they see nothing else.
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
MAX_PARTICIPANTS = 30


def read_copied_people(facts: dict[str, object]) -> list[Copied]:
    """Return the people in copy from a message's `facts`, in the same order, without colleagues."""
    rows = facts.get("copied")
    people = rows if isinstance(rows, list) else []
    return [Copied(row["address"], row["name"]) for row in people if not row.get("is_colleague")]


def add_copies_if_queue_allows(ticket: Ticket, arrival: Arrival) -> None:
    """Add the people in copy of a new message to its ticket, if the ticket's queue is set to do so.

    Only a sender whose own address is proved can add others in this way, and nobody whom an agent removed.
    """
    source = arrival.source
    if source.copied and source.sender.is_verified and not source.is_auto and ticket.queue.adds_copies:
        people = read_copied_people(dict(source.facts))
        add_copied_people(ticket, people, by=arrival.by, now=arrival.now, keeps_refusals=True)


def add_copied_people(
    ticket: Ticket, people: Sequence[Copied], *, by: Actor, now: datetime, keeps_refusals: bool = False
) -> int:
    """Add people to a ticket by their mail addresses; return how many were added.

    A participant who waited for approval, or was removed earlier, is accepted (with `keeps_refusals` whoever
    was removed stays so); no second one is created. Our own mailboxes are skipped.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        participants = _load_participants(ticket)
        mailboxes = load_mailboxes()
        added = 0
        for person in people:
            if is_mailbox_address(person.address, mailboxes):
                continue
            if (participant := participants.get(person.address)) is not None:
                if keeps_refusals and participant.state == Participant.State.REFUSED:
                    continue
                added += _accept_again(participant, by=by, now=now)
            elif len(participants) < MAX_PARTICIPANTS:
                participants[person.address] = _create_participant(ticket, person, by=by, now=now)
                added += 1
    return added


def remove_copied_person(participant: Participant, *, by: Actor, now: datetime) -> bool:
    """Remove a person in copy from the ticket and revoke their links; return False if they took no part."""
    with transaction.atomic():
        rows = Participant.objects.accepted().filter(pk=participant.pk, role=Participant.Role.COPY)
        if not rows.update(state=Participant.State.REFUSED):
            return False
        links.revoke_links(participant, by=by, now=now)
        _record("participant.refused", participant, by=by, now=now)
    return True


def _load_participants(ticket: Ticket) -> dict[str, Participant]:
    """Return participants in any state by mail address; of two with the same address, the accepted one."""
    rows = ticket.participants.filter(identity__kind=EMAIL).select_related("identity", "ticket")
    in_order = sorted(rows, key=lambda row: row.state == Participant.State.ACCEPTED)
    return {row.identity.value.lower(): row for row in in_order if row.identity is not None}


def _accept_again(participant: Participant, *, by: Actor, now: datetime) -> int:
    if participant.state == Participant.State.PENDING:
        return int(pending_participants.accept(participant, by=by, now=now))
    if participant.state == Participant.State.ACCEPTED:
        return 0
    Participant.objects.filter(pk=participant.pk).update(state=Participant.State.ACCEPTED)
    _record("participant.accepted", participant, by=by, now=now)
    return 1


def _create_participant(ticket: Ticket, person: Copied, *, by: Actor, now: datetime) -> Participant:
    claimant = Sender(EMAIL, person.address, name=person.name, display=person.address)
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
