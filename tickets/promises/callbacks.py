"""Callbacks that customers request: request, complete or cancel one; each step takes effect once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.customers import claims
from tickets.models import Call, Callback, Identity, Ticket
from tickets.promises import promises


def request_callback(
    ticket: Ticket,
    number: str,
    *,
    from_at: datetime,
    until_at: datetime,
    by: Actor,
    now: datetime,
    missed_call: Call | None = None,
) -> Callback:
    """Record and promise a call to `number` (E.164) between `from_at` and `until_at`; return the callback.

    The number is added to the ticket as a claim of the requester.
    """
    with transaction.atomic():
        callback = Callback.objects.create(
            ticket=ticket,
            number=number,
            from_at=from_at,
            until_at=until_at,
            missed_call=missed_call,
            created_at=now,
        )
        claims.add_claim(ticket, Identity.Kind.PHONE, number, by=by, now=now)
        window = {
            "callback": callback.pk,
            "from_at": from_at.isoformat(),
            "until_at": until_at.isoformat(),
        }
        events.record("callback.asked", ticket=ticket, by=by, at=now, data=window)
        promises.promise_callback(ticket, from_at, until_at, by=by, now=now)
    return callback


def complete_callback(callback: Callback, *, by: Actor, now: datetime) -> bool:
    """Mark a callback as done and settle its promise; return whether it was still waiting."""
    with transaction.atomic():
        if not _end(callback, Callback.State.DONE, now=now):
            return False
        events.record("callback.done", ticket=callback.ticket, by=by, at=now, data={"callback": callback.pk})
        promises.keep_callback_promise(callback.ticket, by=by, now=now)
    return True


def cancel_callback(callback: Callback, *, by: Actor, now: datetime) -> bool:
    """Mark a callback as cancelled by the customer; return whether it was still waiting."""
    with transaction.atomic():
        if not _end(callback, Callback.State.CANCELLED, now=now):
            return False
        events.record(
            "callback.cancelled", ticket=callback.ticket, by=by, at=now, data={"callback": callback.pk}
        )
    return True


def _end(callback: Callback, state: str, *, now: datetime) -> bool:
    """End a waiting callback. The update is guarded by the state: of two people, only one ends it."""
    changed = Callback.objects.filter(pk=callback.pk, state=Callback.State.WAITING).update(
        state=state, done_at=now
    )
    if changed:
        callback.state, callback.done_at = state, now
    return bool(changed)
