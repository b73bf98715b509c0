"""What a customer is told when a promise cannot be kept: that we are sorry, why, and what to expect now."""

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
    found: Estimate | None,
    reason: Promise.Reason,
    *,
    may_change: bool,
    now: datetime,
) -> str:
    """Return the words in the ticket's language, in the time zone of its queue.

    `found` is the new time, if one can be said; `may_change` whether a change of it will be told again.
    """
    ticket = promise.ticket
    with translation.override(ticket.language):
        what = [
            _apologise(promise, now=now),
            explain_reason(reason, ticket),
            _announce_new_time(promise, found, now=now),
        ]
        if found is not None and may_change:
            what.append(_("We will let you know if this changes."))
        zone = wording.format_zone(opening_words.find_zone(ticket.queue.calendar))
        if found is not None and zone:
            what.append(_("Times are in %(zone)s.") % {"zone": zone})
        return " ".join(what)


def explain_reason(reason: str, ticket: Ticket) -> str:
    """Say in the active language why a promise cannot be kept."""
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


def _announce_new_time(promise: Promise, found: Estimate | None, *, now: datetime) -> str:
    queue = promise.ticket.queue
    if found is None:
        return expectation.expect_by_hours(queue, now=now).sentence
    say = (
        expectation.describe_callback
        if promise.kind == Promise.Kind.CALLBACK
        else expectation.describe_answer
    )
    zone = opening_words.find_zone(queue.calendar)
    return say(found.from_at, found.until_at, now=now, zone=zone)
