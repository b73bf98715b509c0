"""Promises: when a person will answer. The estimate comes from whoever knows the roster (routing)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import Event, Promise, Queue, Ticket
from tickets.platform.bulk_insert import BulkInsert, save_or_add

SOON, STEP = timedelta(minutes=30), timedelta(minutes=5)
# Settle a ticket's open promises of one kind: kept, or broken where it is late.
SETTLE_PROMISES = """
UPDATE tickets_promise
SET kept_at = CASE WHEN due_at >= %(now)s THEN %(now)s END,
    broken_at = CASE WHEN due_at < %(now)s THEN %(now)s END
WHERE ticket_id = %(ticket)s AND kind = %(kind)s
  AND kept_at IS NULL AND broken_at IS NULL AND replaced_by_id IS NULL
RETURNING id, kept_at IS NOT NULL AS in_time
"""


@dataclass(frozen=True)
class Estimate:
    """A range in which a human answer is expected, how sure that is (0–1), and what it rests on."""

    from_at: datetime
    until_at: datetime
    certainty: float = 0.8
    basis: dict[str, Any] = field(default_factory=dict)


Estimator = Callable[..., Estimate | None]
_estimators: list[Estimator] = []


def register(estimator: Estimator) -> None:
    """Name the function that estimates: estimator(queue, channel_slug=…, now=…) -> Estimate | None."""
    _estimators[:] = [estimator]


def estimate(queue: Queue, *, channel_slug: str, now: datetime) -> Estimate | None:
    """Return the honest estimate for something that arrives now, or None when nobody can say."""
    for estimator in _estimators:
        found = estimator(queue, channel_slug=channel_slug, now=now)
        return _in_round_times(found, now) if found else None
    return None


def _in_round_times(found: Estimate, now: datetime) -> Estimate:
    """Widen a range that ends beyond half an hour to five-minute marks: nobody knows it to the minute."""
    if found.until_at - now <= SOON:
        return found
    early, late = (timedelta(seconds=at.timestamp() % STEP.seconds) for at in (found.from_at, found.until_at))
    until_at = found.until_at + (STEP - late if late else late)
    return replace(found, from_at=found.from_at - early, until_at=until_at)


def promise_answer(ticket: Ticket, *, now: datetime) -> Promise | None:
    """Make the first promise of a ticket when an honest one can be made."""
    with transaction.atomic():
        made = make_answer(ticket, now=now)
        if made is None:
            return None
        events.record_many(made[1])
    return made[0]


def make_answer(
    ticket: Ticket, *, now: datetime, beside: BulkInsert | None = None
) -> tuple[Promise, Event] | None:
    """Make that promise in the caller's transaction, who records the event that is returned with it.

    With `beside` the caller writes the promise too.

    Where nobody can talk now, a chat or a missed call is promised an answer as a mail is.
    """
    slugs = dict.fromkeys((ticket.channel.slug, "email"))
    estimates = (estimate(ticket.queue, channel_slug=slug, now=now) for slug in slugs)
    found = next(filter(None, estimates), None)
    return _save(ticket, Promise.Kind.ANSWER, found, by=SYSTEM, now=now, beside=beside) if found else None


def promise_callback(
    ticket: Ticket, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime
) -> Promise:
    """Promise to call back in the window of time that the customer chose."""
    window = Estimate(from_at, until_at, certainty=1.0, basis={"chosen_by": by.kind.value})
    return _make(ticket, Promise.Kind.CALLBACK, window, by=by, now=now)


def keep_callback_promise(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """The customer was called back: mark the promise as kept, or broken when it was too late."""
    return _keep(ticket, Promise.Kind.CALLBACK, by=by, now=now)


def keep_open_promises(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """A human answered: mark the ticket's open answer promises as kept (or broken, when it is late)."""
    return _keep(ticket, Promise.Kind.ANSWER, by=by, now=now)


def outcome(ticket: Ticket, promise_id: int, in_time: bool, *, by: Actor, now: datetime) -> Event:
    """Return the event of a promise that `SETTLE_PROMISES` has settled."""
    kind = "promise.kept" if in_time else "promise.broken"
    return events.draft(kind, ticket=ticket, by=by, at=now, data={"promise": promise_id})


def break_overdue(*, now: datetime, limit: int = 500) -> int:
    """Mark promises whose time has passed as broken; return how many."""
    overdue = Promise.objects.filter(kept_at=None, broken_at=None, replaced_by=None, due_at__lt=now)
    count = 0
    for promise in overdue.select_related("ticket")[:limit]:
        with transaction.atomic():
            if Promise.objects.filter(pk=promise.pk, kept_at=None, broken_at=None).update(broken_at=now):
                events.record(
                    "promise.broken",
                    ticket=promise.ticket,
                    by=SYSTEM,
                    at=now,
                    data={"promise": promise.pk},
                )
                count += 1
    return count


def _make(ticket: Ticket, kind: str, found: Estimate, *, by: Actor, now: datetime) -> Promise:
    with transaction.atomic():
        promise, made = _save(ticket, kind, found, by=by, now=now)
        events.record_many(made)
    return promise


def _save(
    ticket: Ticket, kind: str, found: Estimate, *, by: Actor, now: datetime, beside: BulkInsert | None = None
) -> tuple[Promise, Event]:
    promise = Promise(
        ticket=ticket,
        kind=kind,
        from_at=found.from_at,
        due_at=found.until_at,
        certainty=found.certainty,
        basis=found.basis,
        made_at=now,
        made_by_id=by.user_id,
    )
    save_or_add(promise, beside)
    data = {
        "promise": promise.pk,
        "due_at": promise.due_at.isoformat(),
        "certainty": promise.certainty,
        "kind": promise.kind,
    }
    return promise, events.draft("promise.made", ticket=ticket, by=by, at=now, data=data)


def _keep(ticket: Ticket, kind: str, *, by: Actor, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SETTLE_PROMISES, {"ticket": ticket.pk, "kind": kind, "now": now})
        settled = cursor.fetchall()
    events.record_many(*(outcome(ticket, *row, by=by, now=now) for row in settled))
    return sum(in_time for _number, in_time in settled)
