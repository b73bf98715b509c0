"""The text for a promise that cannot be kept: an apology, the reason, and what to expect now."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from tickets import wording
from tickets.hours import wording as opening_words
from tickets.models import Promise, Ticket
from tickets.promises import expectation
from tickets.promises.promises import Estimate


def write_apology(
    promise: Promise,
    estimate: Estimate | None,
    reason: Promise.Reason,
    *,
    may_change: bool,
    now: datetime,
) -> str:
    """Return the text in the ticket's language; its times are in the time zone of the ticket's queue.

    `estimate` is the new time, or None if it is unknown; `may_change` tells whether the customer will be
    informed if it changes again.
    """
    ticket = promise.ticket
    with translation.override(ticket.language):
        sentences = [_apologise(promise, now=now), explain_reason(reason, ticket)]
        sentences.append(_announce_new_time(promise, estimate, now=now))
        if estimate is not None and may_change:
            sentences.append(_("We will let you know if this changes."))
        zone = wording.format_zone(opening_words.find_zone(ticket.queue.calendar))
        if estimate is not None and zone:
            sentences.append(_("Times are in %(zone)s.") % {"zone": zone})
        return " ".join(sentences)


def explain_reason(reason: str, ticket: Ticket) -> str:
    """Return in the active language why a promise cannot be kept."""
    if reason == Promise.Reason.NEEDS_TIME and ticket.assignee is not None:
        return _("%(agent)s has your request and needs more time for it.") % {
            "agent": ticket.assignee.short_name
        }
    if reason == Promise.Reason.FEWER_PEOPLE:
        return _("There are fewer of us here than when you wrote.")
    if reason == Promise.Reason.MORE_AHEAD:
        return _("More people are waiting for an answer than when you wrote.")
    return _("Answers take longer at the moment than we expected.")


def _apologise(promise: Promise, *, now: datetime) -> str:
    zone = opening_words.find_zone(promise.ticket.queue.calendar)
    when = {"when": wording.format_deadline(promise.due_at, now=now, zone=zone)}
    is_late = promise.due_at <= now
    if promise.kind == Promise.Kind.CALLBACK:
        if is_late:
            return _("We promised to call you by %(when)s, and we are late. We are sorry.") % when
        return _("We promised to call you by %(when)s, but it is taking longer. We are sorry.") % when
    if is_late:
        return _("We promised an answer by %(when)s, and we are late. We are sorry.") % when
    return _("We promised an answer by %(when)s, but it is taking longer. We are sorry.") % when


def _announce_new_time(promise: Promise, estimate: Estimate | None, *, now: datetime) -> str:
    queue = promise.ticket.queue
    if estimate is None:
        return expectation.expect_by_hours(queue, now=now).sentence
    is_call = promise.kind == Promise.Kind.CALLBACK
    describe = expectation.describe_callback if is_call else expectation.describe_answer
    zone = opening_words.find_zone(queue.calendar)
    return describe(estimate.from_at, estimate.until_at, now=now, zone=zone)
