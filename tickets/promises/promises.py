"""Promises: when a person will answer. The estimate comes from whoever knows the roster (routing)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.channels.registry import medium_of
from tickets.channels.values import Medium
from tickets.models import Event, Promise, Queue, Ticket

SOON, STEP = timedelta(minutes=30), timedelta(minutes=5)


@dataclass(frozen=True)
class Estimate:
    """A range in which a human answer is expected, how sure that is (0–1), and what it rests on."""

    from_at: datetime
    until_at: datetime
    certainty: float = 0.8
    basis: dict[str, Any] = field(default_factory=dict)


Estimator = Callable[..., Estimate | None]
Remaining = Callable[[datetime], Estimate | None]
Forecaster = Callable[..., Remaining]
_estimators: list[Estimator] = []
_forecasters: list[Forecaster] = []


def register_estimator(estimator: Estimator, forecaster: Forecaster | None = None) -> None:
    """Name the functions that estimate.

    `estimator(queue, is_live=…, now=…)` returns the Estimate of what arrives now, or None;
    `forecaster(queue, is_live=…, now=…)` a function of the moment since when somebody waits, which returns
    the Estimate of what they have still to wait, or None. Without a forecaster the estimate of what arrives
    now is taken for it.
    """
    _estimators[:] = [estimator]
    _forecasters[:] = [forecaster] if forecaster else []


def estimate_answer(queue: Queue, *, is_live: bool, now: datetime) -> Estimate | None:
    """Return the honest estimate for something that arrives now, or None when nobody can say.

    `is_live`: somebody waits at the other end, in a chat or a call, and does not leave a message.
    """
    for estimator in _estimators:
        found = estimator(queue, is_live=is_live, now=now)
        return round_outwards(found, now) if found else None
    return None


def build_forecast(queue: Queue, *, is_live: bool, now: datetime) -> Remaining:
    """Return a function that estimates when somebody is answered who has waited since a moment."""
    for forecaster in _forecasters:
        return forecaster(queue, is_live=is_live, now=now)
    arriving = estimate_answer(queue, is_live=is_live, now=now)
    return lambda _since: arriving


def round_outwards(found: Estimate, now: datetime) -> Estimate:
    """Widen a range that ends beyond half an hour to five-minute marks: nobody knows it to the minute."""
    if found.until_at - now <= SOON:
        return found
    early, late = (timedelta(seconds=at.timestamp() % STEP.seconds) for at in (found.from_at, found.until_at))
    until_at = found.until_at + (STEP - late if late else late)
    return replace(found, from_at=found.from_at - early, until_at=until_at)


def promise_answer(ticket: Ticket, *, now: datetime, slug: str = "") -> Promise | None:
    """Promise an answer to what came by channel `slug`, else the ticket's, if an honest one can be made.

    Where nobody can talk now, a chat or a missed call is promised an answer as a mail is.
    """
    is_live = medium_of(slug or ticket.channel.slug) != Medium.MAIL
    ways = (True, False) if is_live else (False,)
    estimates = (estimate_answer(ticket.queue, is_live=way, now=now) for way in ways)
    found = next(filter(None, estimates), None)
    return _create_promise(ticket, Promise.Kind.ANSWER, found, by=SYSTEM, now=now) if found else None


def promise_next_answer(ticket: Ticket, *, slug: str, now: datetime) -> Promise | None:
    """Promise an answer to a further question as to the first one, unless one is promised already."""
    answers = Promise.objects.filter(ticket=ticket, kind=Promise.Kind.ANSWER)
    if answers.filter(kept_at=None, broken_at=None, replaced_by=None).exists():
        return None
    return promise_answer(ticket, now=now, slug=slug)


def promise_callback(
    ticket: Ticket, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime
) -> Promise:
    """Promise to call back in the window of time that the customer chose."""
    window = Estimate(from_at, until_at, certainty=1.0, basis={"chosen_by": by.kind.value})
    return _create_promise(ticket, Promise.Kind.CALLBACK, window, by=by, now=now)


def keep_callback_promise(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """The customer was called back: mark the promise as kept, or broken when it was too late."""
    return _settle_and_record(ticket, Promise.Kind.CALLBACK, by=by, now=now)


def keep_open_promises(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """A human answered: mark the ticket's open answer promises as kept (or broken, when it is late)."""
    return _settle_and_record(ticket, Promise.Kind.ANSWER, by=by, now=now)


def settle_promises(ticket: Ticket, kind: str, *, by: Actor, now: datetime) -> list[Event]:
    """Mark the open promises of one kind as kept, or broken where it is late; return the events, unsaved.

    Of two who answer at the same moment, one settles a promise.
    """
    open_ones = Promise.objects.filter(
        ticket=ticket, kind=kind, kept_at=None, broken_at=None, replaced_by=None
    )
    settled = []
    for promise in open_ones.order_by("id"):
        in_time = promise.due_at >= now
        if open_ones.filter(pk=promise.pk).update(**{"kept_at" if in_time else "broken_at": now}):
            name = "promise.kept" if in_time else "promise.broken"
            settled.append(
                events.build_event(name, ticket=ticket, by=by, at=now, data={"promise": promise.pk})
            )
    return settled


def mark_overdue_broken(*, now: datetime, limit: int = 500) -> int:
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


def _create_promise(ticket: Ticket, kind: str, found: Estimate, *, by: Actor, now: datetime) -> Promise:
    with transaction.atomic():
        promise = Promise.objects.create(
            ticket=ticket,
            kind=kind,
            from_at=found.from_at,
            due_at=found.until_at,
            certainty=found.certainty,
            basis=found.basis,
            made_at=now,
            made_by_id=by.user_id,
        )
        events.record("promise.made", ticket=ticket, by=by, at=now, data=build_event_data(promise))
    return promise


def build_event_data(promise: Promise) -> dict[str, Any]:
    """Return what the event of a new promise says of it."""
    return {
        "promise": promise.pk,
        "due_at": promise.due_at.isoformat(),
        "certainty": promise.certainty,
        "kind": promise.kind,
    }


def _settle_and_record(ticket: Ticket, kind: str, *, by: Actor, now: datetime) -> int:
    """Settle the open promises of one kind; return how many were kept in time."""
    settled = settle_promises(ticket, kind, by=by, now=now)
    events.record_many(*settled)
    return sum(event.kind == "promise.kept" for event in settled)
