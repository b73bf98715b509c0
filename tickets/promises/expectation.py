"""When a person will answer, told honestly: the estimate, else the opening hours, else no time at all."""

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
    """What a customer is told about the time of an answer: one sentence, and whose time zone it is in.

    `is_range` says that it names a time that would be taken back if it changed.
    """

    sentence: str
    zone: str = ""
    is_range: bool = False


def expect_for_queue(queue: Queue, *, now: datetime) -> Expectation:
    """Return what to expect of something written to `queue` now."""
    zone = opening_words.find_zone(queue.calendar)
    found = promises.estimate_answer(queue, is_live=False, now=now)
    if found is not None:
        sentence = describe_answer(found.from_at, found.until_at, now=now, zone=zone)
        return Expectation(sentence, wording.format_zone(zone), is_range=True)
    return expect_by_hours(queue, now=now)


def expect_for_ticket(ticket: Ticket, *, now: datetime) -> Expectation:
    """Return what its customer has been told: the standing promise, else the hours of its queue."""
    promise = ticket.promises.filter(replaced_by=None, kept_at=None, broken_at=None).order_by("-id").first()
    if promise is None:
        return expect_by_hours(ticket.queue, now=now)
    zone = opening_words.find_zone(ticket.queue.calendar)
    say = describe_callback if promise.kind == Promise.Kind.CALLBACK else describe_answer
    sentence = say(promise.from_at, promise.due_at, now=now, zone=zone)
    return Expectation(sentence, wording.format_zone(zone), is_range=True)


def describe_answer(
    from_at: datetime, until_at: datetime, *, now: datetime, zone: tzinfo | None = None
) -> str:
    """Return the sentence of a promised answer."""
    when = wording.format_range(from_at, until_at, now=now, zone=zone)
    return _("%(when)s, a person will answer you.") % {"when": capfirst(when)}


def describe_callback(
    from_at: datetime, until_at: datetime, *, now: datetime, zone: tzinfo | None = None
) -> str:
    """Return the sentence of a promised call."""
    when = wording.format_range(from_at, until_at, now=now, zone=zone)
    return _("%(when)s, a person will call you.") % {"when": capfirst(when)}


def expect_by_hours(queue: Queue, *, now: datetime) -> Expectation:
    """Return what can be expected of a queue for which no time can be named: somebody, in its hours."""
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
