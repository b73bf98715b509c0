"""Make promises, and mark them as kept or broken. The package that knows the roster (routing) estimates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tickets import events, prepared
from tickets.actor import SYSTEM, Actor
from tickets.channels.registry import find_medium
from tickets.channels.values import Medium
from tickets.models import Event, Promise, Queue, Ticket

SOON, STEP = timedelta(minutes=30), timedelta(minutes=5)


@dataclass(frozen=True)
class Estimate:
    """A range in which a person's answer is expected.

    `certainty` is the probability (0 to 1) of an answer by `until_at`, `basis` the figures of the estimate.
    """

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
    """Register the functions that estimate; they replace earlier ones.

    - `estimator(queue, is_live=…, now=…)` returns the Estimate for a message that arrives now, or None.
    - `forecaster(queue, is_live=…, now=…)` returns a function. It takes the moment since when a customer
      waits, and returns the Estimate of their answer, or None. Without a forecaster, the estimate for a
      message that arrives now is used.
    """
    _estimators[:] = [estimator]
    _forecasters[:] = [forecaster] if forecaster else []


def estimate_answer(queue: Queue, *, is_live: bool, now: datetime) -> Estimate | None:
    """Return the estimate for a message that arrives now, or None if it is unknown.

    `is_live`: the customer waits in a chat or a call, and does not only leave a message.
    """
    for estimator in _estimators:
        estimate = estimator(queue, is_live=is_live, now=now)
        return round_outwards(estimate, now) if estimate else None
    return None


def build_forecast(queue: Queue, *, is_live: bool, now: datetime) -> Remaining:
    """Return a function that takes since when a customer waits, and estimates when they are answered."""
    for forecaster in _forecasters:
        return forecaster(queue, is_live=is_live, now=now)
    arriving = estimate_answer(queue, is_live=is_live, now=now)
    return lambda _since: arriving


def round_outwards(estimate: Estimate, now: datetime) -> Estimate:
    """Widen a range to full five minutes if it ends in more than half an hour: it is not exact."""
    if estimate.until_at - now <= SOON:
        return estimate
    early, late = (
        timedelta(seconds=at.timestamp() % STEP.seconds) for at in (estimate.from_at, estimate.until_at)
    )
    until_at = estimate.until_at + (STEP - late if late else late)
    return replace(estimate, from_at=estimate.from_at - early, until_at=until_at)


def promise_answer(ticket: Ticket, *, now: datetime, slug: str = "") -> Promise | None:
    """Make the promise that `draft_answer` returns, if any, with its event."""
    promise = draft_answer(ticket, now=now, slug=slug)
    if promise is None:
        return None
    with transaction.atomic():
        promise.save(force_insert=True)
        events.record_many(build_made_event(promise, by=SYSTEM))
    return promise


def draft_answer(ticket: Ticket, *, now: datetime, slug: str = "") -> Promise | None:
    """Return the promise of an answer to a message, unsaved, or None if no answer can be estimated.

    `slug` is the channel of the message, by default the ticket's. If no live answer can be estimated for a
    chat or a missed call, an answer as to a mail is promised. Who saves it records its event
    (`build_made_event`).
    """
    is_live = find_medium(slug or ticket.channel.slug) != Medium.MAIL
    attempts = (True, False) if is_live else (False,)
    estimates = (estimate_answer(ticket.queue, is_live=attempt, now=now) for attempt in attempts)
    estimate = next(filter(None, estimates), None)
    return _draft_promise(ticket, Promise.Kind.ANSWER, estimate, by=SYSTEM, now=now) if estimate else None


def build_made_event(promise: Promise, *, by: Actor) -> Event:
    """Return the event of a promise that has been saved, unsaved."""
    return events.build_event(
        "promise.made", ticket=promise.ticket, by=by, at=promise.made_at, data=build_event_data(promise)
    )


def promise_next_answer(ticket: Ticket, *, slug: str, now: datetime) -> Promise | None:
    """Promise an answer to a further message, as to the first one, unless an answer promise is open."""
    answers = Promise.objects.filter(ticket=ticket, kind=Promise.Kind.ANSWER)
    if answers.filter(kept_at=None, broken_at=None, replaced_by=None).exists():
        return None
    return promise_answer(ticket, now=now, slug=slug)


def promise_callback(
    ticket: Ticket, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime
) -> Promise:
    """Promise to call back in the window of time that the customer chose."""
    window = Estimate(from_at, until_at, certainty=1.0, basis={"chosen_by": by.kind.value})
    promise = _draft_promise(ticket, Promise.Kind.CALLBACK, window, by=by, now=now)
    with transaction.atomic():
        promise.save(force_insert=True)
        events.record_many(build_made_event(promise, by=by))
    return promise


def keep_callback_promise(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """Mark the open promise of a call as kept, or as broken if it is late; return how many were kept."""
    return _settle_and_record(ticket, Promise.Kind.CALLBACK, by=by, now=now)


def keep_open_promises(ticket: Ticket, *, by: Actor, now: datetime) -> int:
    """Mark open promises of an answer as kept, or as broken if they are late; return how many were kept."""
    return _settle_and_record(ticket, Promise.Kind.ANSWER, by=by, now=now)


def settle_promises(ticket: Ticket, kind: str, *, by: Actor, now: datetime) -> list[Event]:
    """Mark open promises of one kind as kept, or as broken if they are late; return the events, unsaved.

    The update is guarded: if two people answer at the same moment, only one of them settles a promise.
    """
    settled = []
    for promise in prepared.load_open_promises(ticket.pk, str(kind)):
        in_time = promise.due_at >= now
        still_open = Promise.objects.filter(pk=promise.pk, kept_at=None, broken_at=None, replaced_by=None)
        if still_open.update(**{"kept_at" if in_time else "broken_at": now}):
            name = "promise.kept" if in_time else "promise.broken"
            settled.append(
                events.build_event(name, ticket=ticket, by=by, at=now, data={"promise": promise.pk})
            )
    return settled


def mark_overdue_broken(*, now: datetime, limit: int = 500) -> int:
    """Mark overdue promises as broken; return how many. At most `limit` a call."""
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


def _draft_promise(ticket: Ticket, kind: str, estimate: Estimate, *, by: Actor, now: datetime) -> Promise:
    return Promise(
        ticket=ticket,
        kind=kind,
        from_at=estimate.from_at,
        due_at=estimate.until_at,
        certainty=estimate.certainty,
        basis=estimate.basis,
        made_at=now,
        made_by_id=by.user_id,
    )


def build_event_data(promise: Promise) -> dict[str, Any]:
    """Return the data of the event `promise.made`."""
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
