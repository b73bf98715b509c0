"""The state of a request, in words for its customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tickets import wording
from tickets.hours import wording as opening_words
from tickets.models import Company, Promise, Ticket
from tickets.states import State


@dataclass(frozen=True)
class RequestState:
    """A word and its colour for lists, one or two sentences, and the promise with its time zone."""

    word: str
    tone: str
    sentence: str
    promise: str = ""
    zone: str = ""


def describe_state(ticket: Ticket, *, now: datetime) -> RequestState:
    """Return a ticket's state in words: who handles it, who has to reply, and what was promised."""
    agent = ticket.assignee.short_name if ticket.assignee else ""
    word, tone, sentence = _describe_by_state(ticket, agent)
    promise = _describe_promise(ticket, now=now)
    zone = wording.format_zone(opening_words.find_zone(ticket.queue.calendar)) if promise else ""
    return RequestState(word, tone, sentence, promise, zone)


def may_reopen(ticket: Ticket, *, now: datetime) -> bool:
    """Return whether a message of the customer reopens this ticket; later, it would open a new one."""
    if ticket.state != State.CLOSED or ticket.closed_at is None:
        return True
    return now - ticket.closed_at <= timedelta(days=Company.current().reopen_days)


def _describe_by_state(ticket: Ticket, agent: str) -> tuple[str, str, str]:
    names = {"agent": agent}
    if ticket.state == State.PENDING:
        sentence = (
            _("%(agent)s has answered and is waiting for your reply.") % names
            if agent
            else _("We have answered and are waiting for your reply.")
        )
        return _("waiting for your reply"), "warn", sentence
    if ticket.state == State.ON_HOLD:
        sentence = (
            _("%(agent)s is waiting for somebody else and will get back to you.") % names
            if agent
            else _("We are waiting for somebody else and will get back to you.")
        )
        return _("in progress"), "", sentence
    if ticket.state == State.SOLVED:
        return (
            _("solved"),
            "ok",
            _("As far as we know, this is solved. The request will close automatically unless you write."),
        )
    if ticket.state == State.CLOSED:
        return _("closed"), "ok", _("This request is closed. If something is still wrong, tell us.")
    if agent:
        return _("in progress"), "", _("%(agent)s is handling your request.") % names
    return _("received"), "", _("We have your message. The next available person will handle it.")


def _describe_promise(ticket: Ticket, *, now: datetime) -> str:
    """Return the open promise in words, with an apology if it is late; empty if there is none."""
    if ticket.is_finished or ticket.waits_on != "us":
        return ""
    promise = ticket.promises.filter(replaced_by=None, kept_at=None).order_by("-id").first()
    if promise is None:
        return ""
    zone = opening_words.find_zone(ticket.queue.calendar)
    if promise.broken_at is not None or promise.due_at < now:
        when = wording.format_deadline(promise.due_at, now=now, zone=zone)
        return _("We promised an answer by %(when)s, and we are late. We are sorry.") % {"when": when}
    when = capfirst(wording.format_range(promise.from_at, promise.due_at, now=now, zone=zone))
    if promise.kind == Promise.Kind.CALLBACK:
        return _("%(when)s, a person will call you.") % {"when": when}
    return _("%(when)s, a person will answer you.") % {"when": when}
