"""One row of a list: everything it shows, for a whole page of rows in one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from tickets.customers.personal import shown
from tickets.desk.entrance import Desk
from tickets.desk.names import channel_name, initials
from tickets.desk.page import lists
from tickets.desk.page.lists import PAGE, WorkList
from tickets.desk.words import between, by_moment, short_moment
from tickets.models import Ticket
from tickets.models.composed import composed
from tickets.models.message import WITHDRAWN
from tickets.models.ticket import TicketQuerySet
from tickets.states import FINISHED, State, WaitsOn

SOON = timedelta(hours=1)
STATES = dict(State.choices)
NTH_CONTACT = {
    2: gettext_lazy("second contact"),
    3: gettext_lazy("third contact"),
    4: gettext_lazy("fourth contact"),
    5: gettext_lazy("fifth contact"),
}

# Written out: composed by the ORM, the same expressions cost more to compile than to run.
# Whose words they are is said unless they are the requester's own.
LAST_WORDS = f"""(
    SELECT json_build_array(m.kind, m.author_user_id,
        left(coalesce(nullif(m.reply_text, ''), m.text), 180),
        CASE WHEN m.author_user_id IS NOT NULL THEN (
            SELECT coalesce(nullif(u.name, ''), u.email) FROM accounts_user u WHERE u.id = m.author_user_id)
        WHEN m.author_customer_id <> tickets_ticket.customer_id THEN (
            SELECT coalesce(nullif(c.name, ''), m.from_name) FROM tickets_customer c
            WHERE c.id = m.author_customer_id) END)
    FROM tickets_message m WHERE m.ticket_id = tickets_ticket.id AND NOT {WITHDRAWN}
    ORDER BY m.seq DESC LIMIT 1
)"""  # noqa: S608  (a constant)
CONTACTS = "(SELECT count(*) FROM tickets_contact WHERE ticket_id = tickets_ticket.id)"
DUE_AT = """(
    SELECT max(due_at) FROM tickets_promise
    WHERE ticket_id = tickets_ticket.id AND replaced_by_id IS NULL AND kept_at IS NULL
)"""
SEEN = "(SELECT seen_seq FROM tickets_reader WHERE ticket_id = tickets_ticket.id AND user_id = %s)"
ADDRESS = """(
    SELECT coalesce(nullif(display, ''), value) FROM tickets_identity
    WHERE customer_id = tickets_ticket.customer_id AND tickets_customer.name = ''
    ORDER BY verified_at IS NULL, id LIMIT 1
)"""


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
        return short_moment(self.updated_at, self.now)

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
            return _("promise broken, %(late)s late") % {"late": between(self.due_at, self.now)}
        return _("%(left)s left") % {"left": between(self.now, self.due_at)}

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
            return _("promised by %(moment)s") % {"moment": by_moment(self.due_at, self.now)}
        return "" if self.shows_wait else self._waiting

    @property
    def _waiting(self) -> str:
        return _("waiting %(long)s") % {"long": between(self.waiting_since or self.now, self.now)}

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
    if after or work.slug not in lists.NAMED or desk.actor.is_administrator:
        ids = lists.ids_of(work.branches(queues, user), sort=sort, after=after)
        found = _facts(lists.in_order(desk.tickets.filter(pk__in=ids), sort), user)
    else:
        found = _first_page(work.slug, sort)(queues, user)
    rows = _rows(found, desk, work, sort)
    shown = rows[:PAGE]
    if len(rows) <= PAGE:
        return Page(shown)
    last = shown[-1]
    place = lists.cursor(last.number, updated_at=last.updated_at, waiting_since=last.waiting_since, sort=sort)
    return Page(shown, place)


def rows_of(numbers: Iterable[int], desk: Desk) -> list[WorkRow]:
    """Return the rows of those of these tickets that the person may see, in no order."""
    numbers = tuple(numbers)
    if not numbers:
        return []
    numbers += numbers[:1] * (PAGE + 1 - len(numbers))  # always as many: one statement, planned once
    if desk.actor.is_administrator:
        return _rows(_facts(desk.tickets.filter(pk__in=numbers), desk.user.pk), desk)
    return _rows(_of_numbers(tuple(desk.queues), desk.user.pk, numbers), desk)


@cache
def _first_page(slug: str, sort: str) -> Callable[[tuple[int, ...], int], list[tuple[Any, ...]]]:
    """Return the query for the first page of a list, for somebody who is no administrator."""

    @composed
    def rows(queues: tuple[int, ...], user: int) -> QuerySet[Ticket, tuple[Any, ...]]:
        ids = lists.ids_of(lists.NAMED[slug].branches(queues, user), sort=sort, after="")
        reached = Ticket.objects.within_reach(queues, user).filter(pk__in=ids)
        return _facts(lists.in_order(reached, sort), user)

    return rows


@composed
def _of_numbers(
    queues: tuple[int, ...], user: int, numbers: tuple[int, ...]
) -> QuerySet[Ticket, tuple[Any, ...]]:
    return _facts(Ticket.objects.within_reach(queues, user).filter(pk__in=numbers), user)


def _facts(tickets: TicketQuerySet, user: int) -> QuerySet[Ticket, tuple[Any, ...]]:
    return tickets.values_list(
        "pk",
        "subject",
        "customer__name",
        "state",
        "waits_on",
        "is_spam",
        "channel__slug",
        "updated_at",
        "waiting_since",
        "last_seq",
        _raw(SEEN, user),
        _raw(CONTACTS),
        _raw(DUE_AT),
        _raw(LAST_WORDS),
        _raw(ADDRESS),
        F("queue_id"),
        F("assignee__name"),
    )


def _rows(
    found: Iterable[tuple[Any, ...]], desk: Desk, work: WorkList | None = None, sort: str = ""
) -> list[WorkRow]:
    start, shows_wait = reverse("desk:home"), sort == lists.BY_WAIT
    return [_row(values, desk, work, start, shows_wait) for values in found]


@cache
def _state_word(state: str, language: str | None) -> str:
    """Name a state in the active language, which is `language`; a list names 25."""
    return str(STATES[state])


def _raw(sql: str, *values: Any) -> RawSQL:
    return RawSQL(sql, values)  # noqa: S611  (fixed statements, values apart)


def _row(values: tuple[Any, ...], desk: Desk, work: WorkList | None, start: str, shows_wait: bool) -> WorkRow:
    row: list[Any] = list(values[:13])
    last, address, queue_id, assignee = values[13:]
    kind, author, words, name = last or ("", None, "", "")
    row[2] = row[2] or shown(address or "", is_hidden=queue_id in desk.helps_in) or _("Unknown customer")
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
