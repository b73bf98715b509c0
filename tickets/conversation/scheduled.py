"""Replies that are not sent yet: withdraw one, or stop scheduled ones when the customer writes first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.delivery import outbox
from tickets.errors import DomainError
from tickets.models import Attachment, Draft, Message, Outbound, Promise, Ticket
from tickets.models.channels.delivery_error import DeliveryError
from tickets.states import State


class HasLeft(DomainError):
    """A reply cannot be withdrawn, since it is being sent or was sent."""

    code = "has_left"
    status = 409
    sentence = _("This reply has already been sent.")


def withdraw_reply(message: Message, *, by: Actor, now: datetime) -> None:
    """Withdraw a reply that is not sent yet: its text becomes a draft again, and the ticket waits on us.

    The ticket is locked before the row of the outbox, in the order of `locks.ROW_ORDER`.

    Raises:
        HasLeft: it is being sent or was sent.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=message.ticket_id)
        held = message.outbounds.filter(state__in=(Outbound.State.HELD, Outbound.State.SCHEDULED))
        row = held.select_for_update(of=("self",)).first()
        if row is None or not outbox.cancel(row, by=by, now=now):
            raise HasLeft
        _withdraw(message, ticket, counted=row.state == Outbound.State.HELD, by=by, now=now)


def stop_scheduled_replies(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """Stop the scheduled replies of a ticket, since the customer wrote first; return how many.

    Must run in the transaction that appends the customer's message.
    """
    stopped = 0
    for row in Outbound.objects.filter(ticket=ticket, state=Outbound.State.SCHEDULED):
        if row.message is not None and outbox.cancel(row, by=by, now=now):
            Outbound.objects.filter(pk=row.pk).update(error=DeliveryError.withheld(str(WROTE_FIRST)))
            _withdraw(row.message, ticket, counted=False, by=by, now=now)
            stopped += 1
    return stopped


def _withdraw(message: Message, ticket: Ticket, *, counted: bool, by: Actor, now: datetime) -> None:
    """Undo the changes of a reply; its row stays, held for ever, since the event log refers to it.

    `counted`: the reply was already applied to the ticket; a scheduled one was not.
    """
    events.record("message.withdrawn", ticket=ticket, by=by, at=now, data={"message": message.pk})
    _restore_draft(message, ticket, now=now)
    if not counted:
        return
    since = message.created_at
    Promise.objects.filter(ticket=ticket, kept_at=since).update(kept_at=None)
    ticket.waiting_since = _find_waiting_since(ticket, message)
    ticket.first_response_at = _find_first_response(ticket, message)
    ticket.contacts.filter(ended_at=since, is_live=False).update(ended_at=None)
    ticket.save(update_fields=["waiting_since", "first_response_at"])
    if ticket.state not in (State.NEW, State.OPEN):
        reopened_count = ticket.reopened_count
        ticket.open(by=by, now=now)
        ticket.reopened_count = reopened_count  # a withdrawn solution is no reopening
        ticket.save(update_fields=["reopened_count"])


def _restore_draft(message: Message, ticket: Ticket, *, now: datetime) -> None:
    """Put the text and files back into the author's draft, above what they have written since."""
    draft, made = Draft.objects.get_or_create(
        ticket=ticket,
        user=message.author_user,
        kind=Draft.Kind.REPLY,
        defaults={"text": message.text, "seen_seq": ticket.last_seq, "updated_at": now},
    )
    if not made:
        draft.text = f"{message.text}\n\n{draft.text}".strip()
        draft.updated_at = now
        draft.save(update_fields=["text", "updated_at"])
    Attachment.objects.filter(message=message).update(message=None, draft=draft)


def _find_waiting_since(ticket: Ticket, message: Message) -> datetime | None:
    """Return when the customer's first unanswered message came, as if `message` had not been sent."""
    answers = ticket.messages.filter(
        kind=Message.Kind.OUTBOUND, is_auto=False, is_held=False, seq__lt=message.seq
    )
    last = answers.order_by("-seq").values_list("seq", flat=True).first() or 0
    unanswered = ticket.messages.filter(kind=Message.Kind.INBOUND, is_held=False, is_auto=False, seq__gt=last)
    return unanswered.order_by("created_at").values_list("created_at", flat=True).first()


def _find_first_response(ticket: Ticket, message: Message) -> datetime | None:
    if ticket.first_response_at != message.created_at:
        return ticket.first_response_at
    others = ticket.messages.filter(kind=Message.Kind.OUTBOUND, is_held=False).exclude(author_user=None)
    return others.order_by("created_at").values_list("created_at", flat=True).first()


WROTE_FIRST = _("The customer wrote first. Your text is in the draft.")
