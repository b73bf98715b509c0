"""Describe when a person will answer: by the estimate, else by the opening hours, else without a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tickets import wording
from tickets.hours import opening_hours
from tickets.hours import wording as opening_words
from tickets.models import Promise, Queue, Ticket
from tickets.promises import promises


@dataclass(frozen=True)
class Expectation:
    """The sentence for a customer about when a person will answer, and the name of its time zone.

    `is_range`: the sentence names a range of time, which must be corrected if it changes.
    """

    sentence: str
    zone: str = ""
    is_range: bool = False


def expect_for_queue(queue: Queue, *, now: datetime) -> Expectation:
    """Return what to expect for a message that is sent to `queue` now."""
    zone = opening_words.find_zone(queue.calendar)
    estimate = promises.estimate_answer(queue, is_live=False, now=now)
    if estimate is not None:
        sentence = describe_answer(estimate.from_at, estimate.until_at, now=now, zone=zone)
        return Expectation(sentence, wording.format_zone(zone), is_range=True)
    return expect_by_hours(queue, now=now)


def expect_for_ticket(ticket: Ticket, *, now: datetime) -> Expectation:
    """Return what a ticket's customer was told: the open promise, else the hours of its queue."""
    promise = ticket.promises.filter(replaced_by=None, kept_at=None, broken_at=None).order_by("-id").first()
    if promise is None:
        return expect_by_hours(ticket.queue, now=now)
    zone = opening_words.find_zone(ticket.queue.calendar)
    describe = describe_callback if promise.kind == Promise.Kind.CALLBACK else describe_answer
    sentence = describe(promise.from_at, promise.due_at, now=now, zone=zone)
    return Expectation(sentence, wording.format_zone(zone), is_range=True)


def describe_answer(
    from_at: datetime, until_at: datetime, *, now: datetime, zone: tzinfo | None = None
) -> str:
    """Return the sentence that promises an answer in a range of time."""
    when = wording.format_range(from_at, until_at, now=now, zone=zone)
    return _("%(when)s, a person will answer you.") % {"when": capfirst(when)}


def describe_callback(
    from_at: datetime, until_at: datetime, *, now: datetime, zone: tzinfo | None = None
) -> str:
    """Return the sentence that promises a call in a range of time."""
    when = wording.format_range(from_at, until_at, now=now, zone=zone)
    return _("%(when)s, a person will call you.") % {"when": capfirst(when)}


def expect_by_hours(queue: Queue, *, now: datetime) -> Expectation:
    """Return what to expect if no time can be estimated: an answer in the queue's opening hours."""
    words = opening_words.describe_hours(queue.calendar)
    if not words:
        return Expectation(_("A person will answer as soon as somebody is available."))
    if opening_hours.load_queue_hours(queue, now=now).is_open(now):
        sentence = _("We are here %(hours)s, and a person will answer as soon as possible.")
    else:
        sentence = _("Nobody is here right now. We are here %(hours)s, and a person will answer then.")
    return Expectation(
        sentence % {"hours": words}, wording.format_zone(opening_words.find_zone(queue.calendar))
    )
