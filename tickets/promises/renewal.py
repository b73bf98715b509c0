"""When a promise is in danger of being broken, and the one that takes its place; nothing is sent here."""

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
MAX_LATE = timedelta(days=3)  # what has been late for longer is no news
SECRETS = ("ticket__channel__secret", "ticket__channel__previous_secret")  # decrypting them costs
DAY_BEGINS, DAY_ENDS = 7, 21  # o'clock, in the queue's time zone: nobody is told at night


def find_watched(*, now: datetime) -> QuerySet[Promise]:
    """Return promises whose customers wait for us and may be told of a change, the most urgent first."""
    answers = Q(kind=Promise.Kind.ANSWER, ticket__waiting_since__isnull=False)
    wished = Callback.objects.filter(ticket=OuterRef("ticket"), state=Callback.State.WAITING)
    calls = Q(Exists(wished), kind=Promise.Kind.CALLBACK)
    rested = Q(look_again_at=None) | Q(look_again_at__lte=now)
    standing = Promise.objects.filter(
        answers | calls, rested, kept_at=None, replaced_by=None, changes__lt=MAX_CHANGES
    ).filter(due_at__gt=now - MAX_LATE, ticket__is_spam=False, ticket__merged_into=None)
    newer = Promise.objects.filter(ticket=OuterRef("ticket"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    rows = standing.exclude(Exists(newer)).exclude(ticket__state__in=FINISHED)
    rows = rows.select_related("ticket__channel", "ticket__queue__calendar", "ticket__assignee")
    return rows.defer(*SECRETS).order_by("due_at")


def is_endangered(promise: Promise, found: Estimate | None, hours: Hours, *, now: datetime) -> bool:
    """Tell whether a promise cannot be counted on any more; `found` is when its answer is expected now."""
    return keeping.is_endangered(_build_standing(promise), _build_expected(found), hours, now=now)


def may_change_now(promise: Promise, hours: Hours, *, is_live: bool, now: datetime) -> bool:
    """Tell whether the customer may be told another time now: not too often, and at a fit hour.

    That is while the queue is open, and by day; in a chat somebody waits at any hour.
    """
    if not is_live and not _is_fit_hour(promise.ticket.queue, hours, now=now):
        return False
    return keeping.may_change_now(_build_standing(promise), hours, is_live=is_live, now=now)


def choose_next_estimate(found: Estimate, hours: Hours, *, is_live: bool, now: datetime) -> Estimate:
    """Return an estimate as it is promised anew: far enough away not to be changed again at once."""
    anew = keeping.choose_new_range(
        ExpectedRange(found.from_at, found.until_at), hours, is_live=is_live, now=now
    )
    return round_outwards(replace(found, from_at=anew.from_at, until_at=anew.until_at), now)


def estimate_next_call(hours: Hours, *, now: datetime) -> Estimate | None:
    """Return within which time a missed call back can be made up for; `next_time` gives it its length."""
    until_at = hours.find_due_moment(now, MIN_INTERVAL.total_seconds())
    return (
        Estimate(now, until_at, certainty=CERTAINTY_OF_CALLS, basis={"method": "hours"}) if until_at else None
    )


def find_reason(promise: Promise, found: Estimate | None, ticket: Ticket) -> Promise.Reason:
    """Return why the promise cannot be kept, as far as what it rested on when they wrote tells."""
    if ticket.assignee_id is not None:
        return Promise.Reason.NEEDS_TIME
    basis = found.basis if found else {}
    when_they_wrote = _find_first_promise(promise).basis
    if basis.get("there", 0) < when_they_wrote.get("there", 0):
        return Promise.Reason.FEWER_PEOPLE
    others = basis.get("ahead", 0) - 1  # their own request is one of those that wait by now
    if others > when_they_wrote.get("ahead", others):
        return Promise.Reason.MORE_AHEAD
    return Promise.Reason.SLOWER


def replace_promise(
    promise: Promise, found: Estimate | None, reason: Promise.Reason, *, now: datetime
) -> None:
    """Put a new promise in the place of one, which is kept and linked; without `found` only say that it fell.

    In the caller's transaction, which has locked the ticket and tells the customer.
    """
    standing = Promise.objects.filter(pk=promise.pk)
    if found is None:
        standing.update(changes=MAX_CHANGES)  # the customer counts on no time now that could change
        return
    new = _create_replacement(promise, found, reason, now=now)
    standing.update(replaced_by=new)
    said = {"replaces": promise.pk, "reason": str(reason), **promises.build_event_data(new)}
    data = {"promise": promise.pk, "replaced_by": new.pk}
    events.record_many(
        events.build_event("promise.changed", ticket=promise.ticket, by=SYSTEM, at=now, data=data),
        events.build_event("promise.made", ticket=promise.ticket, by=SYSTEM, at=now, data=said),
    )


def postpone_check(promise: Promise, at: datetime) -> None:
    """Leave a promise alone until a moment."""
    Promise.objects.filter(pk=promise.pk).update(look_again_at=at)


def _find_first_promise(promise: Promise) -> Promise:
    """Return the promise that was made first, where this one took the place of others."""
    while before := promise.replaces.first():
        promise = before
    return promise


def _is_fit_hour(queue: Queue, hours: Hours, *, now: datetime) -> bool:
    zone: ZoneInfo = opening_words.find_zone(queue.calendar)
    return hours.is_open(now) and DAY_BEGINS <= now.astimezone(zone).hour < DAY_ENDS


def _create_replacement(
    promise: Promise, found: Estimate, reason: Promise.Reason, *, now: datetime
) -> Promise:
    return Promise.objects.create(
        ticket=promise.ticket,
        kind=promise.kind,
        from_at=found.from_at,
        due_at=found.until_at,
        certainty=found.certainty,
        basis=found.basis,
        made_at=now,
        reason=reason,
        changes=promise.changes + 1,
    )


def _build_standing(promise: Promise) -> StandingPromise:
    """Return a promise as a value. The time of a call is its window."""
    is_answer = promise.kind == Promise.Kind.ANSWER
    begins_at = promise.made_at if is_answer else promise.from_at
    return StandingPromise(begins_at, promise.due_at, promise.made_at, promise.changes, is_answer)


def _build_expected(found: Estimate | None) -> ExpectedRange | None:
    return ExpectedRange(found.from_at, found.until_at) if found else None
