"""Events of a ticket as one short line each, written from the event's kind and data alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tickets import wording
from tickets.models import Event, Handover, Promise, Ticket


@dataclass(frozen=True)
class Names:
    """The names that events refer to: people, queues and handovers by id; `me` is the reader's account id."""

    me: int | None
    people: Mapping[int, str]
    queues: Mapping[int, str]
    handovers: Mapping[int, Handover]
    now: datetime

    def person(self, user_id: Any) -> str:
        """Return "you" for the reader, otherwise the colleague's name; empty for no account."""
        if self.is_me(user_id):
            return pgettext("by whom, to whom", "you")
        return self.people.get(int(user_id), "") if user_id else ""

    def is_me(self, user_id: Any) -> bool:
        """Return whether this is the reader's account."""
        return bool(user_id) and int(user_id) == self.me

    def queue(self, queue_id: Any) -> str:
        return self.queues.get(int(queue_id), _("another queue")) if queue_id else _("another queue")


@dataclass(frozen=True)
class Line:
    """One line of the timeline: an icon, what happened, and the text that somebody wrote with it."""

    icon: str
    text: str
    words: str = ""


LineWriter = Callable[[Event, Names], Line | None]


def describe_event(event: Event, names: Names) -> Line | None:
    """Return the line for an event, or None for an event that the timeline does not show."""
    write = WRITERS.get(event.kind)
    return write(event, names) if write else None


def find_accounts(event: Event) -> set[int]:
    """Return the ids of the accounts whose names the event's line may need."""
    accounts = {event.data.get(key) for key in ("user", "to_user", "from_user")}
    if event.actor_kind == "user":
        accounts.add(event.actor_id)
    return {int(user_id) for user_id in accounts if user_id}


def _actor_name(event: Event, names: Names) -> str:
    return names.person(event.actor_id) if event.actor_kind == "user" else ""


def _line(icon: str, event: Event, names: Names, with_name: str, without: str) -> Line:
    """Return a line with the name of the colleague who caused the event, or the text `without` a name."""
    name = _actor_name(event, names)
    return Line(icon, with_name % {"name": name} if name else without)


def _created(event: Event, names: Names) -> Line | None:
    if event.data.get("direction") != "out" and event.actor_kind != "user":
        return None
    return _line("plus", event, names, _("Created by %(name)s"), _("Created by us"))


def _assigned(event: Event, names: Names) -> Line:
    to, by = names.person(event.data.get("to_user")), _actor_name(event, names)
    is_mine = names.is_me(event.data.get("to_user"))
    if by == to:
        text = _("You assigned this to yourself") if is_mine else _("%(name)s assigned this to themselves")
    elif is_mine:
        text = _("%(name)s assigned this to you") if by else _("Assigned to you")
    else:
        text = _("Assigned to %(to)s by %(name)s") if by else _("Assigned to %(to)s")
    return Line("user" if by else "tandem", text % {"to": to, "name": by})


def _released(event: Event, names: Names) -> Line:
    name = names.person(event.data.get("from_user"))
    if names.is_me(event.data.get("from_user")):
        return Line("undo", _("Unassigned, was assigned to you"))
    return Line("undo", _("Unassigned, was assigned to %(name)s") % {"name": name})


def _assignment_refused(event: Event, names: Names) -> Line:
    name = names.person(event.data.get("user"))
    return Line("info", _("Could not be assigned to %(name)s") % {"name": name})


def _transferred(event: Event, names: Names) -> Line:
    handover = names.handovers.get(event.data.get("handover") or 0)
    words = handover.summary if handover else ""
    by, to = _actor_name(event, names), names.person(event.data.get("to_user"))
    to = to or names.queue(event.data.get("to_queue"))
    if names.is_me(event.data.get("to_user")):
        text = _("%(name)s handed this over to you") if by else _("Handed over to you")
    else:
        text = _("Handed over by %(name)s to %(to)s") if by else _("Handed over to %(to)s")
    return Line("hand-over", text % {"name": by, "to": to}, words)


def _moved_queue(event: Event, names: Names) -> Line | None:
    if not event.data.get("from_queue"):
        return None
    places = {"from": names.queue(event.data["from_queue"]), "to": names.queue(event.queue_id)}
    return Line("queue", _("Moved from %(from)s to %(to)s") % places)


def _state(event: Event, names: Names) -> Line | None:
    if event.data.get("to") == "on_hold":
        return _line("pause", event, names, _("Put on hold by %(name)s"), _("Put on hold"))
    return None


def _resolved(event: Event, names: Names) -> Line:
    return _line("check", event, names, _("Solved by %(name)s"), _("Solved"))


def _closed(event: Event, names: Names) -> Line:
    if event.actor_kind == "customer":
        return Line("check", _("Closed by the customer"))
    return _line(
        "check", event, names, _("Closed by %(name)s"), _("Closed automatically after the waiting time")
    )


def _reopened(event: Event, names: Names) -> Line:
    if event.cause == "customer":
        return Line("refresh", _("Reopened: the customer wrote again"))
    if event.cause == "bounce":
        return Line("refresh", _("Reopened: the answer did not arrive"))
    return _line("refresh", event, names, _("Reopened by %(name)s"), _("Reopened"))


def _spam(event: Event, names: Names) -> Line:
    if event.data.get("is_spam"):
        return _line("flag", event, names, _("Marked as spam by %(name)s"), _("Marked as spam"))
    return _line("flag", event, names, _("Marked as not spam by %(name)s"), _("Marked as not spam"))


def _linked(event: Event, names: Names) -> Line:
    return Line("link", _("Linked to #%(number)s") % {"number": event.data.get("target")})


def _customer(event: Event, names: Names) -> Line:
    return _line("user", event, names, _("Customer changed by %(name)s"), _("Customer changed"))


def _identity_added(event: Event, names: Names) -> Line:
    return _line(
        "user",
        event,
        names,
        _("An address or a number was added by %(name)s; it is not verified"),
        _("The customer gave an address; it is not verified"),
    )


def _participant_added(event: Event, names: Names) -> Line | None:
    if event.data.get("role") != "copy":
        return None
    added = _("Somebody in copy takes part, added by %(name)s")
    return _line("users", event, names, added, _("Somebody in copy takes part"))


def _participant_accepted(event: Event, names: Names) -> Line:
    return _line("users", event, names, _("Participant accepted by %(name)s"), _("Participant accepted"))


def _participant_refused(event: Event, names: Names) -> Line:
    return _line("users", event, names, _("Participant refused by %(name)s"), _("Participant refused"))


def _priority(event: Event, names: Names) -> Line:
    word = dict(Ticket.Priority.choices).get(event.data.get("priority") or 0, "")
    return Line("up", _("Priority: %(word)s") % {"word": word})


def _promised(event: Event, names: Names) -> Line | None:
    until = datetime.fromisoformat(event.data["due_at"]) if event.data.get("due_at") else None
    if until is None:
        return None
    moment = wording.format_deadline(until, now=names.now)
    if event.data.get("replaces"):
        return Line("clock", _describe_new_promise(event, moment))
    if event.data.get("kind") == "callback":
        return Line("clock", _("Promised: a call back by %(moment)s") % {"moment": moment})
    return Line("clock", _("Promised: an answer by %(moment)s") % {"moment": moment})


def _describe_new_promise(event: Event, moment: str) -> str:
    """Return a sentence on the time that replaces an earlier promise, with the reason."""
    words = {"moment": moment, "why": dict(Promise.Reason.choices).get(event.data.get("reason", ""), "")}
    if event.data.get("kind") == "callback":
        return _("Promised anew, and the customer was told: a call back by %(moment)s (%(why)s)") % words
    return _("Promised anew, and the customer was told: an answer by %(moment)s (%(why)s)") % words


def _mail_allowed(event: Event, names: Names) -> Line:
    return _line(
        "mail", event, names, _("Automatic mail allowed again by %(name)s"), _("Automatic mail allowed again")
    )


def _fixed(icon: str, text: Callable[[], str]) -> LineWriter:
    """Return a writer of a line without names; `text` is called late, in the reader's language."""
    return lambda _event, _names: Line(icon, text())


WRITERS: dict[str, LineWriter] = {
    "ticket.created": _created,
    "assignment.made": _assigned,
    "assignment.released": _released,
    "assignment.refused": _assignment_refused,
    "transfer": _transferred,
    "queue.entered": _moved_queue,
    "ticket.state": _state,
    "ticket.resolved": _resolved,
    "ticket.closed": _closed,
    "ticket.reopened": _reopened,
    "ticket.spam": _spam,
    "ticket.linked": _linked,
    "ticket.customer": _customer,
    "identity.added": _identity_added,
    "identity.proved": _fixed("check", lambda: _("The address answered: it is verified now")),
    "ticket.priority": _priority,
    "participant.added": _participant_added,
    "participant.accepted": _participant_accepted,
    "participant.refused": _participant_refused,
    "promise.made": _promised,
    "promise.broken": _fixed("alert", lambda: _("The promised time has passed")),
    "address.complained": _fixed(
        "flag", lambda: _("The customer marked our email as spam: automatic mail to this address is off")
    ),
    "address.allowed": _mail_allowed,
    "callback.asked": _fixed("calendar", lambda: _("The customer asked to be called back")),
    "callback.done": _fixed("phone", lambda: _("Called back")),
    "callback.cancelled": _fixed("calendar", lambda: _("Call back cancelled")),
    "chat.opened": _fixed("chat", lambda: _("A chat began")),
    "chat.left": _fixed("chat", lambda: _("Left the chat; the conversation continues by email")),
    "chat.ended": _fixed("chat", lambda: _("The chat ended")),
}
