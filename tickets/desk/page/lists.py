"""The desk's work lists: their names and who may open them (their rows: tickets.prepared.lists)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.customers import personal
from tickets.desk.access import Desk
from tickets.errors import NotFound
from tickets.models import Customer, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.prepared.lists import BRANCHES, BY_CHANGE, BY_WAIT, Branches

NOTHING = _("This list is empty.")
SORTS: dict[str, str | Promise] = {BY_CHANGE: _("Newest change first"), BY_WAIT: _("Longest wait first")}


@dataclass(frozen=True)
class WorkList:
    """One list: its slug in URLs, its name for people, its branches and its default sort order.

    `branches(queue_ids, user_id)` returns querysets whose union is the list, each with an index of its own.
    """

    slug: str
    name: str | Promise
    branches: Branches
    sort: str = BY_CHANGE
    empty: str | Promise = NOTHING
    shows_queue: bool = False
    shows_assignee: bool = False


def find_list(slug: str, desk: Desk) -> WorkList:
    """Return the list with this slug: mine, waiting, unassigned, finished, spam, queue-7 or customer-7.

    Raises:
        NotFound: there is no such list, or this person may not see it.
    """
    kind, _dash, number = slug.partition("-")
    if kind in BUILDERS and number.isascii() and number.isdigit() and len(number) <= 12:
        return BUILDERS[kind](desk, int(number))
    if slug in NAMED:
        return NAMED[slug]
    raise NotFound


def _build_queue_list(desk: Desk, queue_id: int) -> WorkList:
    queue = desk.queue(queue_id)
    empty = _("Nobody is waiting in this queue.")

    def branches(_queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
        return (Ticket.objects.active().filter(queue=queue_id),)  # reached: numbers of a queue in sight

    return WorkList(f"queue-{queue_id}", queue.label(), branches, BY_WAIT, empty, shows_assignee=True)


def _build_customer_list(desk: Desk, customer_id: int) -> WorkList:
    customer = Customer.objects.visible_to(desk.actor).filter(pk=customer_id).first()
    if customer is None:
        raise NotFound
    slug = f"customer-{customer_id}"
    name = personal.choose_display_name(customer, is_hidden=bool(desk.helps_in))

    def branches(_queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
        return (desk.tickets.filter(customer=customer, merged_into=None),)

    return WorkList(slug, name, branches, shows_queue=True, shows_assignee=True)


NAMED = {
    work.slug: work
    for work in (
        WorkList("mine", _("My work"), BRANCHES["mine"], empty=_("Nothing is assigned to you.")),
        WorkList(
            "waiting",
            _("Waiting for me"),
            BRANCHES["waiting"],
            BY_WAIT,
            _("Nobody is waiting for your answer."),
        ),
        WorkList(
            "unassigned",
            _("Unassigned"),
            BRANCHES["unassigned"],
            BY_WAIT,
            _("Everything is assigned."),
            shows_queue=True,
        ),
        WorkList("finished", _("Finished"), BRANCHES["finished"], shows_queue=True, shows_assignee=True),
        WorkList("spam", _("Spam"), BRANCHES["spam"], shows_queue=True),
    )
}
BUILDERS = {"queue": _build_queue_list, "customer": _build_customer_list}
