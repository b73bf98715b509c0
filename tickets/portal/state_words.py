"""How a request stands, in words for the customer who made it."""

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
class Standing:
    """A word for lists, its tone (as of a chip), and one or two sentences for the page."""

    word: str
    tone: str
    sentence: str
    promise: str = ""


def standing(ticket: Ticket, *, now: datetime) -> Standing:
    """Return how a ticket stands: who looks after it, who has the next word, and what was promised."""
    agent = ticket.assignee.short_name if ticket.assignee else ""
    word, tone, sentence = _by_state(ticket, agent)
    return Standing(word, tone, sentence, _promise(ticket, now=now))


def may_reopen(ticket: Ticket, *, now: datetime) -> bool:
    """Tell whether a word of the customer's still reopens this ticket (later it opens a new one)."""
    if ticket.state != State.CLOSED or ticket.closed_at is None:
        return True
    return now - ticket.closed_at <= timedelta(days=Company.current().reopen_days)


def _by_state(ticket: Ticket, agent: str) -> tuple[str, str, str]:
    who = {"agent": agent}
    if ticket.state == State.PENDING:
        sentence = (
            _("%(agent)s has answered and waits for your word.") % who
            if agent
            else _("We have answered and wait for your word.")
        )
        return _("waits for you"), "warn", sentence
    if ticket.state == State.ON_HOLD:
        sentence = (
            _("%(agent)s waits for somebody else and comes back to you.") % who
            if agent
            else _("We wait for somebody else and come back to you.")
        )
        return _("we are on it"), "", sentence
    if ticket.state == State.SOLVED:
        return (
            _("solved"),
            "ok",
            _("This is solved, as far as we know. It closes by itself unless you write."),
        )
    if ticket.state == State.CLOSED:
        return _("closed"), "ok", _("This is closed. If something is still wrong, tell us.")
    if agent:
        return _("we are on it"), "", _("%(agent)s looks after this.") % who
    return _("received"), "", _("We have your message. The next free person takes it up.")


def _promise(ticket: Ticket, *, now: datetime) -> str:
    """Return the standing promise in words; one that was not kept is owned up to."""
    if ticket.is_finished or ticket.waits_on != "us":
        return ""
    found = ticket.promises.filter(replaced_by=None, kept_at=None).order_by("-id").first()
    if found is None:
        return ""
    zone = opening_words.zone_of(ticket.queue.calendar)
    if found.broken_at is not None or found.due_at < now:
        when = wording.moment(found.due_at, now=now, zone=zone)
        return _("We had promised an answer by %(when)s and are late. We are sorry.") % {"when": when}
    when = capfirst(wording.span(found.from_at, found.due_at, now=now, zone=zone))
    if found.kind == Promise.Kind.CALLBACK:
        return _("%(when)s, a person calls you.") % {"when": when}
    return _("%(when)s, a person answers you.") % {"when": when}
