"""One row of a list: everything it shows, for a whole page of rows in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.desk import lists
from tickets.desk.entrance import Desk
from tickets.desk.lists import PAGE, WorkList
from tickets.desk.names import channel_name, initials
from tickets.models import Contact, Identity, Promise
from tickets.models.ticket import TicketQuerySet
from tickets.states import FINISHED, State, WaitsOn

SOON = timedelta(hours=1)
WORDS = 180
STATES = dict(State.choices)
NTH_CONTACT = {
    2: gettext_lazy("second contact"),
    3: gettext_lazy("third contact"),
    4: gettext_lazy("fourth contact"),
    5: gettext_lazy("fifth contact"),
}


@dataclass(frozen=True)
class WorkRow:
    """One ticket as a list shows it."""

    number: int
    subject: str
    customer: str
    state: str
    waits_on: str
    is_spam: bool
    queue_id: int
    channel: str
    assignee_id: int | None
    assignee: str
    updated_at: datetime
    waiting_since: datetime | None
    last_seq: int
    seen_seq: int | None
    said: str
    said_kind: str
    said_by: int | None
    contacts: int | None
    due_at: datetime | None
    queue: str
    now: datetime

    @property
    def initials(self) -> str:
        return initials(self.customer)

    @property
    def channel_word(self) -> str:
        return channel_name(self.channel)

    @property
    def is_unread(self) -> bool:
        """Somebody wrote since this person last looked, and it is our turn."""
        return self.waits_on == WaitsOn.US and not self.is_spam and self.last_seq > (self.seen_seq or 0)

    @property
    def state_word(self) -> str:
        """The state, where it says more than that we work on it."""
        if self.is_spam:
            return _("spam")
        return "" if self.state == State.OPEN else str(STATES[self.state])

    @property
    def contact_word(self) -> str:
        """Which contact of this matter it is, from the second on."""
        number = self.contacts or 0
        if number < 2:
            return ""
        if number in NTH_CONTACT:
            return str(NTH_CONTACT[number])
        return ngettext("%(number)d contact", "%(number)d contacts", number) % {"number": number}

    @property
    def promise(self) -> str:
        """How the promise stands while the customer waits: broken, soon, later, or an empty text."""
        if self.due_at is None or self.waiting_since is None or self.state in FINISHED:
            return ""
        if self.due_at < self.now:
            return "broken"
        return "soon" if self.due_at - self.now <= SOON else "later"

    @property
    def waits(self) -> bool:
        return self.waiting_since is not None and self.state not in FINISHED


@dataclass(frozen=True)
class Page:
    """One page of a list, and the place where the next one begins."""

    rows: list[WorkRow]
    after: str = ""


def page_of(work: WorkList, desk: Desk, *, sort: str, after: str = "") -> Page:
    """Return the next 25 rows after a place, in one query."""
    ids = lists.ids_of(work.branches, sort=sort, after=after)
    rows = rows_of(lists.in_order(desk.tickets.filter(pk__in=ids), sort), desk)
    shown = rows[:PAGE]
    if len(rows) <= PAGE:
        return Page(shown)
    last = shown[-1]
    place = lists.cursor(last.number, updated_at=last.updated_at, waiting_since=last.waiting_since, sort=sort)
    return Page(shown, place)


def rows_of(tickets: TicketQuerySet, desk: Desk) -> list[WorkRow]:
    """Return the rows of these tickets, in their order."""
    last = FilteredRelation("messages", condition=Q(messages__seq=F("last_seq")))
    place = FilteredRelation("readers", condition=Q(readers__user=desk.user))
    found = tickets.alias(last=last, place=place).values_list(
        "pk",
        "subject",
        Coalesce(NullIf("customer__name", Value("")), _first_identity(), output_field=CharField()),
        "state",
        "waits_on",
        "is_spam",
        "queue_id",
        "channel__slug",
        "assignee_id",
        "assignee__name",
        "updated_at",
        "waiting_since",
        "last_seq",
        "place__seen_seq",
        Left(Coalesce(NullIf("last__reply_text", Value("")), "last__text"), WORDS),
        "last__kind",
        "last__author_user_id",
        Subquery(_contacts()),
        Subquery(_due_at()),
    )
    return [_row(values, desk) for values in found]


def _row(values: tuple[Any, ...], desk: Desk) -> WorkRow:
    row: list[Any] = list(values)
    row[2] = row[2] or _("Unknown customer")
    row[9] = row[9] or ""
    row[14] = " ".join((row[14] or "").split())
    queue = desk.queues.get(row[6])
    row += [queue.label() if queue else "", desk.now]
    return WorkRow(*row)


def _first_identity() -> Subquery:
    first = Identity.objects.filter(customer=OuterRef("customer")).order_by("pk")
    return Subquery(first.values(word=Coalesce(NullIf("display", Value("")), "value"))[:1])


def _contacts() -> Any:
    counted = Contact.objects.filter(ticket=OuterRef("pk")).order_by().values("ticket")
    return counted.annotate(number=Count("pk")).values("number")


def _due_at() -> Any:
    open_ones = Promise.objects.filter(ticket=OuterRef("pk"), replaced_by=None, kept_at=None)
    return open_ones.order_by("-due_at").values("due_at")[:1]
