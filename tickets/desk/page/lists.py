"""The lists of the desk: what stands in each, in which order, and one page of it at a flat cost.

A list is a union of branches (one a queue, or one person's own), each answered by its own index in the order
wanted, so that the page costs the same with a hundred tickets and with a million. Pages go on from the last
row seen (keyset), never by counting rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, OrderBy, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.customers import personal
from tickets.desk.entrance import Desk
from tickets.errors import NotFound
from tickets.models import Customer, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.states import WaitsOn

PAGE = 25
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

NOTHING = _("This list is empty.")
BY_CHANGE = "change"
BY_WAIT = "wait"
SORTS: dict[str, str | Promise] = {BY_CHANGE: _("Newest change first"), BY_WAIT: _("Longest wait first")}


@dataclass(frozen=True)
class WorkList:
    """One list: its name in addresses and for people, its branches, and its usual order.

    `branches` are given the queues and the id of the person at the desk, and read nothing else of them.
    """

    slug: str
    name: str | Promise
    branches: Callable[[Iterable[int], int], tuple[TicketQuerySet, ...]]
    sort: str = BY_CHANGE
    empty: str | Promise = NOTHING
    shows_queue: bool = False
    shows_assignee: bool = False


def find_list(slug: str, desk: Desk) -> WorkList:
    """Return the list of that slug: mine, waiting, unassigned, finished, spam, queue-7 or customer-7.

    Raises:
        NotFound: there is no such list, or it is not this person's.
    """
    kind, _dash, number = slug.partition("-")
    if kind in OF_A_ROW and number.isascii() and number.isdigit() and len(number) <= 12:
        return OF_A_ROW[kind](desk, int(number))
    if slug in NAMED:
        return NAMED[slug]
    raise NotFound


def ids_of(branches: Sequence[TicketQuerySet], *, sort: str, after: str) -> QuerySet[Ticket, Any]:
    """Return a query for the ids of the next page and one more, which tells that there is another page.

    Each branch gives as many, and a ticket of two branches is found twice: `in_order` takes the first.
    """
    parts = [part for branch in branches for part in _after(branch, sort, after)]
    first, *others = [part.order_by(*_order(sort))[: PAGE + 1].values("pk") for part in parts]
    return first.union(*others, all=True) if others else first


def in_order(rows: TicketQuerySet, sort: str) -> TicketQuerySet:
    """Bring the rows of one page into the list's order."""
    return rows.order_by(*_order(sort))[: PAGE + 1]


def cursor(ticket_id: int, *, updated_at: datetime, waiting_since: datetime | None, sort: str) -> str:
    """Return the place after one row: "<microseconds>_<id>", or "never_<id>" where nobody waits."""
    moment = waiting_since if sort == BY_WAIT else updated_at
    return f"{(moment - EPOCH) // MICROSECOND if moment else 'never'}_{ticket_id}"


def _after(branch: TicketQuerySet, sort: str, place: str) -> Iterable[TicketQuerySet]:
    """Split a branch at the place: by wait, those who wait come before those nobody waits for."""
    moment, number = _parse(place)
    if sort == BY_CHANGE:
        if moment is not None:
            same = Q(updated_at=moment, pk__lt=number)
            branch = branch.filter(Q(updated_at__lt=moment) | same, updated_at__lte=moment)
        return [branch]
    not_waiting = branch.filter(waiting_since=None)
    if place.startswith("never"):
        return [not_waiting.filter(pk__gt=number)]
    waiting = branch.filter(waiting_since__isnull=False)
    if moment is not None:
        same = Q(waiting_since=moment, pk__gt=number)
        waiting = waiting.filter(Q(waiting_since__gt=moment) | same, waiting_since__gte=moment)
    return [waiting, not_waiting]


def _order(sort: str) -> tuple[str | OrderBy, ...]:
    if sort == BY_WAIT:
        return (F("waiting_since").asc(nulls_last=True), "pk")
    return ("-updated_at", "-pk")


def _parse(place: str) -> tuple[datetime | None, int]:
    """Read a place; anything that is none begins at the top."""
    moment, _dash, number = place.partition("_")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None, 0
    if not (moment.isascii() and moment.isdigit() and len(moment) < 18):
        return None, int(number)
    return EPOCH + int(moment) * MICROSECOND, int(number)


def _mine(_queues: Iterable[int], user: int) -> tuple[TicketQuerySet, ...]:
    return (Ticket.objects.active().filter(assignee=user),)


def _waiting(_queues: Iterable[int], user: int) -> tuple[TicketQuerySet, ...]:
    return (Ticket.objects.active().filter(assignee=user, waits_on=WaitsOn.US),)


def _unassigned(queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
    return _of_queues(Ticket.objects.waiting_on_us().filter(assignee=None), queues)


def _finished(queues: Iterable[int], user: int) -> tuple[TicketQuerySet, ...]:
    rows = Ticket.objects.finished()
    return (*_of_queues(rows, queues), rows.filter(assignee=user))


def _spam(queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
    return _of_queues(Ticket.objects.filter(is_spam=True), queues)


def _queue(desk: Desk, queue_id: int) -> WorkList:
    queue = desk.queue(queue_id)
    empty = _("Nobody is waiting in this queue.")

    def branches(_queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
        return (Ticket.objects.active().filter(queue=queue_id),)

    return WorkList(f"queue-{queue_id}", queue.label(), branches, BY_WAIT, empty, shows_assignee=True)


def _customer(desk: Desk, customer_id: int) -> WorkList:
    customer = Customer.objects.visible_to(desk.actor).filter(pk=customer_id).first()
    if customer is None:
        raise NotFound
    slug = f"customer-{customer_id}"
    name = personal.known_as(customer, is_hidden=bool(desk.helps_in))

    def branches(_queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
        return (desk.tickets.filter(customer=customer, merged_into=None),)

    return WorkList(slug, name, branches, shows_queue=True, shows_assignee=True)


def _of_queues(rows: TicketQuerySet, queues: Iterable[int]) -> tuple[TicketQuerySet, ...]:
    return tuple(rows.filter(queue=queue_id) for queue_id in queues) or (rows.none(),)


NAMED = {
    work.slug: work
    for work in (
        WorkList("mine", _("My work"), _mine, empty=_("Nothing is assigned to you.")),
        WorkList("waiting", _("Waiting for me"), _waiting, BY_WAIT, _("Nobody is waiting for your answer.")),
        WorkList(
            "unassigned",
            _("Unassigned"),
            _unassigned,
            BY_WAIT,
            _("Everything is assigned."),
            shows_queue=True,
        ),
        WorkList("finished", _("Finished"), _finished, shows_queue=True, shows_assignee=True),
        WorkList("spam", _("Spam"), _spam, shows_queue=True),
    )
}
OF_A_ROW = {"queue": _queue, "customer": _customer}
