"""The rows of a work list: all that they show, one query for a page of rows."""

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
from tickets.desk.access import Desk
from tickets.desk.names import channel_name, initials
from tickets.desk.page.lists import WorkList
from tickets.prepared.lists import (
    BRANCHES,
    BY_WAIT,
    PAGE,
    encode_cursor,
    load_first_page,
    load_rows,
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
    """One ticket as a list shows it.

    `last_kind`, `last_author_id`, `last_author` and `last_text` describe its last message; `place` is its
    assignee or queue, if the list shows one. `seen_seq` is the last message that this person has seen.
    """

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
    last_kind: str
    last_author_id: int | None
    last_text: str
    place: str
    url: str
    now: datetime
    last_author: str = ""
    shows_wait: bool = False

    @property
    def initials(self) -> str:
        return initials(self.customer)

    @property
    def time(self) -> str:
        """The time the list is sorted by: how long the customer has waited, or the last change."""
        if self.shows_wait:
            return self._waiting if self._waits else ""
        return format_short_moment(self.updated_at, self.now)

    @property
    def author(self) -> str:
        """The last message's author followed by a colon; empty if it is the requester."""
        return f"{self.last_author}{pgettext('after a name', ':')}" if self.last_author else ""

    @property
    def is_unread(self) -> bool:
        """Whether the ticket waits for us and has a message that this person has not seen."""
        return self.waits_on == WaitsOn.US and not self.is_spam and self.last_seq > (self.seen_seq or 0)

    @property
    def tone(self) -> str:
        """The colour of the promise while the customer waits: bad (broken), warn (within 1 h) or empty."""
        if not self._waits or self.due_at is None or self.due_at - self.now > SOON:
            return ""
        return "bad" if self.due_at < self.now else "warn"

    @property
    def chip(self) -> str:
        """The promise in words, if it is broken or due within an hour."""
        if self.due_at is None or not self.tone:
            return ""
        if self.tone == "bad":
            return _("promise broken, %(late)s late") % {"late": format_elapsed(self.due_at, self.now)}
        return _("%(left)s left") % {"left": format_elapsed(self.now, self.due_at)}

    @property
    def facts(self) -> list[str]:
        """The other facts the row shows, most important first."""
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
        """Which contact about the same matter this is: "second contact" and so on; empty for the first."""
        if self.contacts < 2:
            return ""
        if self.contacts in NTH_CONTACT:
            return str(NTH_CONTACT[self.contacts])
        return ngettext("%(n)d contact", "%(n)d contacts", self.contacts) % {"n": self.contacts}


@dataclass(frozen=True)
class Page:
    """One page of a list, and the cursor of the next page (empty on the last)."""

    rows: list[WorkRow]
    after: str = ""


def load_page(work: WorkList, desk: Desk, *, sort: str, after: str = "") -> Page:
    """Return the 25 rows after the cursor `after`, in one query."""
    queues, user = tuple(desk.queues), desk.user.pk
    values: Iterable[tuple[Any, ...]]
    if after or work.slug not in BRANCHES or desk.actor.is_administrator:
        ids = select_page_ids(work.branches(queues, user), sort=sort, after=after)
        values = select_row_facts(sort_page(desk.tickets.filter(pk__in=ids), sort), user)
    else:
        values = load_first_page(desk.actor, work.slug, sort)
    rows = _build_rows(values, desk, work, sort)
    shown = rows[:PAGE]
    if len(rows) <= PAGE:
        return Page(shown)
    last = shown[-1]
    after = encode_cursor(
        last.number, updated_at=last.updated_at, waiting_since=last.waiting_since, sort=sort
    )
    return Page(shown, after)


def load_work_rows(numbers: Iterable[int], desk: Desk) -> list[WorkRow]:
    """Return rows for those of these ticket numbers that the person may see, in no particular order."""
    numbers = tuple(numbers)
    if not numbers:
        return []
    return _build_rows(load_rows(desk.actor, numbers, desk.user.pk), desk)


def _build_rows(
    rows: Iterable[tuple[Any, ...]], desk: Desk, work: WorkList | None = None, sort: str = ""
) -> list[WorkRow]:
    desk_url, shows_wait = reverse("desk:home"), sort == BY_WAIT
    return [_build_row(values, desk, work, desk_url, shows_wait) for values in rows]


@cache
def _state_word(state: str, language: str | None) -> str:
    """Return a state's label; `language` is the active one, as the cache's key (a list asks 25 times)."""
    return str(STATES[state])


def _build_row(
    values: tuple[Any, ...], desk: Desk, work: WorkList | None, desk_url: str, shows_wait: bool
) -> WorkRow:
    """Build a row from the columns of `select_row_facts`; the first 13 are WorkRow's, in order."""
    row: list[Any] = list(values[:13])
    last, address, queue_id, assignee = values[13:]
    kind, author_id, text, name = last or ("", None, "", "")
    row[2] = (
        row[2] or mask_if_hidden(address or "", is_hidden=queue_id in desk.helps_in) or _("Unknown customer")
    )
    row += [kind, author_id, " ".join((text or "").split())]
    row += [
        _choose_place(work, desk, queue_id, assignee or ""),
        f"{desk_url}{row[0]}/",
        desk.now,
        name or "",
        shows_wait,
    ]
    return WorkRow(*row)


def _choose_place(work: WorkList | None, desk: Desk, queue_id: int, assignee: str) -> str:
    if work is not None and work.shows_assignee and assignee:
        return assignee
    queue = desk.queues.get(queue_id) if work is None or work.shows_queue else None
    return queue.label() if queue else ""
