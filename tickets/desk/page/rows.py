"""One row of a list: everything it shows, for a whole page of rows in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from tickets.customers.personal import mask_if_hidden
from tickets.desk.entrance import Desk
from tickets.desk.names import channel_name, initials
from tickets.desk.page.lists import WorkList
from tickets.prepared.lists import (
    BRANCHES,
    BY_WAIT,
    PAGE,
    encode_cursor,
    load_first_page,
    select_page_ids,
    select_row_facts,
    sort_page,
)
from tickets.states import FINISHED, State, WaitsOn
from tickets.wording import format_elapsed, format_end, format_short_moment

SOON = timedelta(hours=1)
STATES = dict(State.choices)
NTH_CONTACT = {
    2: gettext_lazy("second contact"),
    3: gettext_lazy("third contact"),
    4: gettext_lazy("fourth contact"),
    5: gettext_lazy("fifth contact"),
}


@dataclass(frozen=True)
class WorkRow:
    """One ticket as a list shows it; `place` is its queue or person, where the list needs to say so."""

    number: int
    subject: str
    customer: str
    state: str
    waits_on: str
    is_spam: bool
    channel: str
    updated_at: datetime
    waiting_since: datetime | None
    last_seq: int
    seen_seq: int | None
    contacts: int
    due_at: datetime | None
    said_kind: str
    said_by: int | None
    said: str
    place: str
    url: str
    now: datetime
    said_name: str = ""
    shows_wait: bool = False

    @property
    def initials(self) -> str:
        return initials(self.customer)

    @property
    def time(self) -> str:
        """What the list is sorted by: how long somebody has waited, else the moment of the last change."""
        if self.shows_wait:
            return self._waiting if self._waits else ""
        return format_short_moment(self.updated_at, self.now)

    @property
    def author(self) -> str:
        """Who said the last words, with the sign that follows a name; empty for the requester."""
        return f"{self.said_name}{pgettext('after a name', ':')}" if self.said_name else ""

    @property
    def is_unread(self) -> bool:
        """Somebody wrote since this person last looked, and it is our turn."""
        return self.waits_on == WaitsOn.US and not self.is_spam and self.last_seq > (self.seen_seq or 0)

    @property
    def tone(self) -> str:
        """How the promise stands while the customer waits: bad (broken), warn (soon), or an empty text."""
        if not self._waits or self.due_at is None or self.due_at - self.now > SOON:
            return ""
        return "bad" if self.due_at < self.now else "warn"

    @property
    def chip(self) -> str:
        """The promise in words where it needs attention."""
        if self.due_at is None or not self.tone:
            return ""
        if self.tone == "bad":
            return _("promise broken, %(late)s late") % {"late": format_elapsed(self.due_at, self.now)}
        return _("%(left)s left") % {"left": format_elapsed(self.now, self.due_at)}

    @property
    def facts(self) -> list[str]:
        """What else there is to know, most important first."""
        words = [self._wait, self._state, channel_name(self.channel), self._contact, self.place]
        return [word for word in words if word]

    @property
    def _waits(self) -> bool:
        return self.waiting_since is not None and self.state not in FINISHED

    @property
    def _wait(self) -> str:
        if not self._waits or self.waiting_since is None or self.tone:
            return ""
        if self.due_at is not None:
            return _("promised by %(moment)s") % {"moment": format_end(self.due_at, self.now)}
        return "" if self.shows_wait else self._waiting

    @property
    def _waiting(self) -> str:
        return _("waiting %(long)s") % {"long": format_elapsed(self.waiting_since or self.now, self.now)}

    @property
    def _state(self) -> str:
        if self.is_spam:
            return _("spam")
        return "" if self.state == State.OPEN else _state_word(self.state, get_language())

    @property
    def _contact(self) -> str:
        """Which contact of this matter it is, from the second on."""
        if self.contacts < 2:
            return ""
        if self.contacts in NTH_CONTACT:
            return str(NTH_CONTACT[self.contacts])
        return ngettext("%(n)d contact", "%(n)d contacts", self.contacts) % {"n": self.contacts}


@dataclass(frozen=True)
class Page:
    """One page of a list, and the place where the next one begins."""

    rows: list[WorkRow]
    after: str = ""


def page_of(work: WorkList, desk: Desk, *, sort: str, after: str = "") -> Page:
    """Return the next 25 rows after a place, in one query."""
    queues, user = tuple(desk.queues), desk.user.pk
    found: Iterable[tuple[Any, ...]]
    if after or work.slug not in BRANCHES or desk.actor.is_administrator:
        ids = select_page_ids(work.branches(queues, user), sort=sort, after=after)
        found = select_row_facts(sort_page(desk.tickets.filter(pk__in=ids), sort), user)
    else:
        found = load_first_page(desk.actor, work.slug, sort)
    rows = _rows(found, desk, work, sort)
    shown = rows[:PAGE]
    if len(rows) <= PAGE:
        return Page(shown)
    last = shown[-1]
    place = encode_cursor(
        last.number, updated_at=last.updated_at, waiting_since=last.waiting_since, sort=sort
    )
    return Page(shown, place)


def rows_of(numbers: Iterable[int], desk: Desk) -> list[WorkRow]:
    """Return the rows of those of these tickets that the person may see, in no order."""
    numbers = tuple(numbers)
    if not numbers:
        return []
    return _rows(select_row_facts(desk.tickets.filter(pk__in=numbers), desk.user.pk), desk)


def _rows(
    found: Iterable[tuple[Any, ...]], desk: Desk, work: WorkList | None = None, sort: str = ""
) -> list[WorkRow]:
    start, shows_wait = reverse("desk:home"), sort == BY_WAIT
    return [_row(values, desk, work, start, shows_wait) for values in found]


@cache
def _state_word(state: str, language: str | None) -> str:
    """Name a state in the active language, which is `language`; a list names 25."""
    return str(STATES[state])


def _row(values: tuple[Any, ...], desk: Desk, work: WorkList | None, start: str, shows_wait: bool) -> WorkRow:
    row: list[Any] = list(values[:13])
    last, address, queue_id, assignee = values[13:]
    kind, author, words, name = last or ("", None, "", "")
    row[2] = (
        row[2] or mask_if_hidden(address or "", is_hidden=queue_id in desk.helps_in) or _("Unknown customer")
    )
    row += [kind, author, " ".join((words or "").split())]
    row += [
        _place(work, desk, queue_id, assignee or ""),
        f"{start}{row[0]}/",
        desk.now,
        name or "",
        shows_wait,
    ]
    return WorkRow(*row)


def _place(work: WorkList | None, desk: Desk, queue_id: int, assignee: str) -> str:
    if work is not None and work.shows_assignee and assignee:
        return assignee
    queue = desk.queues.get(queue_id) if work is None or work.shows_queue else None
    return queue.label() if queue else ""
