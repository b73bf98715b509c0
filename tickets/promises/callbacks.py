"""Calls back that customers were promised: asked for, done, cancelled; each step once."""

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
    """Note that a customer wants to be called at `number` (E.164) in a window of time, and promise it."""
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
    """Note that the customer was reached; return whether that was news."""
    with transaction.atomic():
        if not _end(callback, Callback.State.DONE, now=now):
            return False
        events.record("callback.done", ticket=callback.ticket, by=by, at=now, data={"callback": callback.pk})
        promises.keep_callback_promise(callback.ticket, by=by, now=now)
    return True


def cancel_callback(callback: Callback, *, by: Actor, now: datetime) -> bool:
    """Note that the customer no longer wants to be called; return whether that was news."""
    with transaction.atomic():
        if not _end(callback, Callback.State.CANCELLED, now=now):
            return False
        events.record(
            "callback.cancelled", ticket=callback.ticket, by=by, at=now, data={"callback": callback.pk}
        )
    return True


def _end(callback: Callback, state: str, *, now: datetime) -> bool:
    """Guarded: of two people who end it, one does."""
    changed = Callback.objects.filter(pk=callback.pk, state=Callback.State.WAITING).update(
        state=state, done_at=now
    )
    if changed:
        callback.state, callback.done_at = state, now
    return bool(changed)
