"""Find promises that may be broken, and replace them by new ones. Nothing is sent here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets import events
from tickets.actor import SYSTEM
from tickets.hours import wording as opening_words
from tickets.hours.business_time import Hours
from tickets.models import Callback, Promise, Queue, Ticket
from tickets.promises import keeping, promises
from tickets.promises.keeping import MAX_CHANGES, MIN_INTERVAL, ExpectedRange, StandingPromise
from tickets.promises.promises import Estimate, round_outwards
from tickets.states import FINISHED

CERTAINTY_OF_CALLS = 0.6
MAX_LATE = timedelta(days=3)  # a promise that is overdue for longer is not announced any more
SECRETS = ("ticket__channel__secret", "ticket__channel__previous_secret")  # deferred: decrypting is costly
DAY_BEGINS, DAY_ENDS = 7, 21  # o'clock, in the queue's time zone: nobody is informed at night


def find_watched(*, now: datetime) -> QuerySet[Promise]:
    """Return open promises whose customers wait for us and may be informed of a change, most urgent first.

    Only the latest promise of a kind in each ticket.
    """
    answers = Q(kind=Promise.Kind.ANSWER, ticket__waiting_since__isnull=False)
    waiting = Callback.objects.filter(ticket=OuterRef("ticket"), state=Callback.State.WAITING)
    calls = Q(Exists(waiting), kind=Promise.Kind.CALLBACK)
    not_postponed = Q(look_again_at=None) | Q(look_again_at__lte=now)
    standing = Promise.objects.filter(
        answers | calls, not_postponed, kept_at=None, replaced_by=None, changes__lt=MAX_CHANGES
    ).filter(due_at__gt=now - MAX_LATE, ticket__is_spam=False, ticket__merged_into=None)
    newer = Promise.objects.filter(ticket=OuterRef("ticket"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    rows = standing.exclude(Exists(newer)).exclude(ticket__state__in=FINISHED)
    rows = rows.select_related("ticket__channel", "ticket__queue__calendar", "ticket__assignee")
    return rows.defer(*SECRETS).order_by("due_at")


def is_endangered(promise: Promise, estimate: Estimate | None, hours: Hours, *, now: datetime) -> bool:
    """Tell whether a promise will probably be broken; `estimate` is the present one for its answer."""
    return keeping.is_endangered(_build_standing(promise), _build_expected(estimate), hours, now=now)


def may_change_now(promise: Promise, hours: Hours, *, is_live: bool, now: datetime) -> bool:
    """Tell whether the customer may be informed now: not too often, and only while the queue is open by day.

    In a chat (`is_live`) the customer is waiting, so the hour does not matter.
    """
    if not is_live and not _is_suitable_hour(promise.ticket.queue, hours, now=now):
        return False
    return keeping.may_change_now(_build_standing(promise), hours, is_live=is_live, now=now)


def choose_next_estimate(estimate: Estimate, hours: Hours, *, is_live: bool, now: datetime) -> Estimate:
    """Return the estimate to promise instead. It is long enough not to be endangered again at once."""
    expected = ExpectedRange(estimate.from_at, estimate.until_at)
    chosen = keeping.choose_new_range(expected, hours, is_live=is_live, now=now)
    return round_outwards(replace(estimate, from_at=chosen.from_at, until_at=chosen.until_at), now)


def estimate_next_call(hours: Hours, *, now: datetime) -> Estimate | None:
    """Return the estimate for a callback that was missed: within MIN_INTERVAL of open time, or None.

    `choose_next_estimate` then extends it.
    """
    until_at = hours.find_due_moment(now, MIN_INTERVAL.total_seconds())
    return (
        Estimate(now, until_at, certainty=CERTAINTY_OF_CALLS, basis={"method": "hours"}) if until_at else None
    )


def find_reason(promise: Promise, estimate: Estimate | None, ticket: Ticket) -> Promise.Reason:
    """Return why the promise cannot be kept: compare the present estimate with that of the first promise.

    `basis` has the number of agents (`there`) and of requests that wait before this one (`ahead`).
    """
    if ticket.assignee_id is not None:
        return Promise.Reason.NEEDS_TIME
    basis = estimate.basis if estimate else {}
    first_basis = _find_first_promise(promise).basis
    if basis.get("there", 0) < first_basis.get("there", 0):
        return Promise.Reason.FEWER_PEOPLE
    others = basis.get("ahead", 0) - 1  # the present number includes their own request
    if others > first_basis.get("ahead", others):
        return Promise.Reason.MORE_AHEAD
    return Promise.Reason.SLOWER


def replace_promise(
    promise: Promise, estimate: Estimate | None, reason: Promise.Reason, *, now: datetime
) -> None:
    """Replace a promise by a new one, and link the two. Without an estimate there is no new promise.

    Must run in the transaction that has locked the ticket and informs the customer.
    """
    standing = Promise.objects.filter(pk=promise.pk)
    if estimate is None:
        standing.update(changes=MAX_CHANGES)  # no time was named, so there is none to change any more
        return
    new = _create_replacement(promise, estimate, reason, now=now)
    standing.update(replaced_by=new)
    made = {"replaces": promise.pk, "reason": str(reason), **promises.build_event_data(new)}
    data = {"promise": promise.pk, "replaced_by": new.pk}
    events.record_many(
        events.build_event("promise.changed", ticket=promise.ticket, by=SYSTEM, at=now, data=data),
        events.build_event("promise.made", ticket=promise.ticket, by=SYSTEM, at=now, data=made),
    )


def postpone_check(promise: Promise, at: datetime) -> None:
    """Leave a promise out of `find_watched` until the moment `at`."""
    Promise.objects.filter(pk=promise.pk).update(look_again_at=at)


def _find_first_promise(promise: Promise) -> Promise:
    """Return the first promise in the chain of promises that this one replaced."""
    while before := promise.replaces.first():
        promise = before
    return promise


def _is_suitable_hour(queue: Queue, hours: Hours, *, now: datetime) -> bool:
    zone: ZoneInfo = opening_words.find_zone(queue.calendar)
    return hours.is_open(now) and DAY_BEGINS <= now.astimezone(zone).hour < DAY_ENDS


def _create_replacement(
    promise: Promise, estimate: Estimate, reason: Promise.Reason, *, now: datetime
) -> Promise:
    return Promise.objects.create(
        ticket=promise.ticket,
        kind=promise.kind,
        from_at=estimate.from_at,
        due_at=estimate.until_at,
        certainty=estimate.certainty,
        basis=estimate.basis,
        made_at=now,
        reason=reason,
        changes=promise.changes + 1,
    )


def _build_standing(promise: Promise) -> StandingPromise:
    """Return a promise as a value. The time of a call begins with its window, not when it was promised."""
    is_answer = promise.kind == Promise.Kind.ANSWER
    begins_at = promise.made_at if is_answer else promise.from_at
    return StandingPromise(begins_at, promise.due_at, promise.made_at, promise.changes, is_answer)


def _build_expected(estimate: Estimate | None) -> ExpectedRange | None:
    return ExpectedRange(estimate.from_at, estimate.until_at) if estimate else None
