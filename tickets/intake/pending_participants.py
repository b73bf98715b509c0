"""An agent's decision on somebody new who wrote into another customer's ticket."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.models import Message, Participant, Ticket


def accept(participant: Participant, *, by: Actor, now: datetime) -> bool:
    """Accept a pending participant and release their held messages; return False if already decided."""
    return _decide(participant, Participant.State.ACCEPTED, by=by, now=now)


def refuse(participant: Participant, *, by: Actor, now: datetime) -> bool:
    """Refuse a pending participant; their messages stay held. Return False if already decided."""
    return _decide(participant, Participant.State.REFUSED, by=by, now=now)


def _decide(participant: Participant, state: str, *, by: Actor, now: datetime) -> bool:
    with transaction.atomic():
        changed = Participant.objects.filter(pk=participant.pk, state=Participant.State.PENDING).update(
            state=state
        )
        if not changed:
            return False
        people = {"participant": participant.pk, "customer": participant.customer_id}
        events.record(f"participant.{state}", ticket=participant.ticket, by=by, at=now, data=people)
        if state == Participant.State.ACCEPTED:
            _release_held(participant, by=by, now=now)
    return True


def _release_held(participant: Participant, *, by: Actor, now: datetime) -> None:
    ticket = Ticket.objects.select_for_update().get(pk=participant.ticket_id)
    held = list(ticket.messages.filter(is_held=True, author_customer_id=participant.customer_id))
    Message.objects.filter(pk__in=[m.pk for m in held]).update(is_held=False)
    for message in held:
        said = {
            "message": message.pk, "customer": participant.customer_id, "is_auto": message.is_auto,
            "is_chaser": False, "needs_no_action": False,
        }  # fmt: skip
        events.record("message.in", ticket=ticket, by=by, at=now, channel=message.channel_slug, data=said)
    if held:
        ticket.waiting_since = ticket.waiting_since or held[0].created_at
        ticket.save(update_fields=["waiting_since"])
        ticket.open(by=by, now=now)
