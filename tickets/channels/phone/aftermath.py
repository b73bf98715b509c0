"""The consequences of a call: an answered one keeps promises, a missed one is work with a promise."""

from __future__ import annotations

from datetime import datetime

from tickets import events
from tickets.actor import Actor
from tickets.channels.phone.report import CallState
from tickets.models import Call, Callback, Event, Ticket
from tickets.promises import callbacks, promises


def apply_call_result(call: Call, state: CallState, *, was: str, now: datetime) -> None:
    """Apply the consequences of the call's new state, each once, in the transaction that recorded it.

    `was` is the previous result. Locks the call's ticket.
    """
    if call.ticket is not None:
        ticket = (
            Ticket.objects.select_for_update(of=("self",))
            .select_related("queue", "channel")
            .get(pk=call.ticket.pk)
        )
        call.ticket = ticket
        if call.result == Call.Result.ANSWERED and was != Call.Result.ANSWERED:
            _answered(call, ticket, now=now)
        if call.is_ours:
            _called_back(call, ticket, now=now)
        elif state.is_over and call.result != Call.Result.ANSWERED:
            _missed(ticket, now=now)
        if state.is_over:
            _end_contact(call, ticket, now=now)
    if state.is_over:
        _log(call, now=now)


def _answered(call: Call, ticket: Ticket, *, now: datetime) -> None:
    """Record that an agent spoke with the customer: the first response is given, and promises are kept."""
    ticket.first_response_at = ticket.first_response_at or call.answered_at
    ticket.waiting_since = None
    ticket.save(update_fields=["first_response_at", "waiting_since"])
    promises.keep_open_promises(ticket, by=_by(call), now=call.answered_at or now)
    if call.agent is not None and ticket.assignee_id != call.agent.pk and not call.is_ours:
        wish = {"user": call.agent.pk, "reason": "answered_call"}
        events.record("assignment.wanted", ticket=ticket, by=_by(call), at=now, data=wish)


def _called_back(call: Call, ticket: Ticket, *, now: datetime) -> None:
    """Complete the promised call backs if our call was answered; an attempt alone keeps their promises."""
    waiting = ticket.callbacks.filter(state=Callback.State.WAITING, number=call.customer_number)
    if call.result == Call.Result.RINGING:
        return
    for callback in waiting:
        if call.result == Call.Result.ANSWERED:
            callbacks.complete_callback(callback, by=_by(call), now=now)
        else:
            promises.keep_callback_promise(ticket, by=_by(call), now=call.started_at)


def _missed(ticket: Ticket, *, now: datetime) -> None:
    """Promise an answer to a customer whose call was missed, unless there is an open promise."""
    if not ticket.promises.filter(kept_at=None, broken_at=None, replaced_by=None).exists():
        promises.promise_answer(ticket, now=now)


def _end_contact(call: Call, ticket: Ticket, *, now: datetime) -> None:
    contact = call.contact
    if contact is None or contact.ended_at is not None:
        return
    contact.started_at, contact.ended_at = call.started_at, call.ended_at
    contact.save(update_fields=["started_at", "ended_at"])
    events.record(
        "contact.end",
        ticket=ticket,
        by=_by(call),
        at=now,
        contact_id=contact.pk,
        channel="phone",
        data={"is_live": True},
    )


def _log(call: Call, *, now: datetime) -> None:
    """Record the call's result as an event; if the provider corrects it, the call's last event counts."""
    key = f"call:{call.pk}:{call.result}:{call.talk_seconds}"
    if Event.objects.filter(source_key=key).exists():
        return
    said = {
        "call": call.pk,
        "direction": call.direction,
        "result": call.result,
        "talk_seconds": call.talk_seconds,
    }
    events.record(
        "call.logged",
        ticket=call.ticket,
        queue_id=None if call.ticket else call.channel.queue_id,
        by=_by(call),
        at=now,
        channel="phone",
        data=said,
        source_key=key,
    )


def _by(call: Call) -> Actor:
    return Actor.for_user(call.agent) if call.agent is not None else Actor.for_channel("phone")
