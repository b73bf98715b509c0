"""The lists of the desk: which tickets each contains, their order, and pages at a constant cost.

A list is a union of branches (one for each queue, or a person's own tickets). Each branch reads its own index
in the list's order, so a page costs the same with a hundred tickets and with a million. Branches return ids
only; the rows are loaded through `visible_to`. A page continues after the last row of the previous one
(keyset pagination), so no rows are counted or skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import F, OrderBy, Q, QuerySet
from django.db.models.expressions import RawSQL

from tickets.actor import Actor
from tickets.models import Ticket
from tickets.models.message import WITHDRAWN
from tickets.models.ticket import TicketQuerySet
from tickets.prepared.statement import prepared
from tickets.queries.relations import ACCOUNTS
from tickets.states import WaitsOn

PAGE = 25
BY_CHANGE = "change"
BY_WAIT = "wait"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

type Branches = Callable[[Iterable[int], int], tuple[TicketQuerySet, ...]]
type Facts = tuple[Any, ...]

# SQL by hand: the ORM takes longer to compose these expressions than PostgreSQL to execute them.
# The last message: kind, author, beginning of its text, and the author's name unless it is the requester.
LAST_WORDS = f"""(
    SELECT json_build_array(m.kind, m.author_user_id,
        left(coalesce(nullif(m.reply_text, ''), m.text), 180),
        CASE WHEN m.author_user_id IS NOT NULL THEN (
            SELECT coalesce(nullif(u.name, ''), u.email) FROM {ACCOUNTS} u WHERE u.id = m.author_user_id)
        WHEN m.author_customer_id <> tickets_ticket.customer_id THEN (
            SELECT coalesce(nullif(c.name, ''), m.from_name) FROM tickets_customer c
            WHERE c.id = m.author_customer_id) END)
    FROM tickets_message m WHERE m.ticket_id = tickets_ticket.id AND NOT {WITHDRAWN}
      AND NOT (m.is_auto AND (m.kind = 'out' OR m.facts ? 'notice'))
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


def load_first_page(actor: Actor, slug: str, sort: str) -> list[Facts]:
    """Return the values to show for the first rows of a list (`slug` is a key of BRANCHES).

    One row more than a page has: if it is there, there is another page.

    Raises:
        TypeError: the actor is an administrator, whose queues the prepared statement does not contain.
    """
    if actor.is_administrator:
        raise TypeError("An administrator's queues are not part of the prepared statement.")
    return _prepare_first_page(slug, sort)(actor)


@cache
def _prepare_first_page(slug: str, sort: str) -> Callable[[Actor], list[Facts]]:
    @prepared
    def load_rows(actor: Actor) -> QuerySet[Ticket, Facts]:
        queues, user = actor.queues or (), actor.user_id or 0
        ids = select_page_ids(BRANCHES[slug](queues, user), sort=sort, after="")
        return select_row_facts(sort_page(Ticket.objects.visible_to(actor).filter(pk__in=ids), sort), user)

    return load_rows


@prepared
def load_rows(actor: Actor, numbers: tuple[int, ...], user: int) -> QuerySet[Ticket, Facts]:
    """Return the list's fields for those of the tickets that the actor may see, in no order."""
    return select_row_facts(Ticket.objects.visible_to(actor).filter(pk__in=numbers), user)


def select_page_ids(branches: Sequence[TicketQuerySet], *, sort: str, after: str) -> QuerySet[Ticket, Any]:
    """Return a query for the ids of the page after the cursor `after`, and of one row more.

    Each branch returns up to that many ids, and a ticket in two branches comes twice; `sort_page` then cuts
    the result to one page.
    """
    parts = [part for branch in branches for part in _split_at_cursor(branch, sort, after)]
    first, *others = [part.order_by(*_choose_order(sort))[: PAGE + 1].values("pk") for part in parts]
    return first.union(*others, all=True) if others else first


def sort_page(rows: TicketQuerySet, sort: str) -> TicketQuerySet:
    """Sort the rows in the list's order, and limit them to one page and one row more."""
    return rows.order_by(*_choose_order(sort))[: PAGE + 1]


def encode_cursor(ticket_id: int, *, updated_at: datetime, waiting_since: datetime | None, sort: str) -> str:
    """Return the cursor after one row: "<microseconds since 1970>_<id>", or "never_<id>" if nobody waits."""
    moment = waiting_since if sort == BY_WAIT else updated_at
    return f"{(moment - EPOCH) // MICROSECOND if moment else 'never'}_{ticket_id}"


def select_row_facts(tickets: TicketQuerySet, user: int) -> QuerySet[Ticket, Facts]:
    """Return the values that a row shows to the account `user`, for each ticket, in one query."""
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


def _raw(sql: str, *values: Any) -> RawSQL:
    return RawSQL(sql, values)  # noqa: S611  (fixed statements, values apart)


def _split_at_cursor(branch: TicketQuerySet, sort: str, place: str) -> Iterable[TicketQuerySet]:
    """Return the parts of a branch after a cursor. By wait, waiting tickets come before the others."""
    moment, number = _decode_cursor(place)
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


def _choose_order(sort: str) -> tuple[str | OrderBy, ...]:
    if sort == BY_WAIT:
        return (F("waiting_since").asc(nulls_last=True), "pk")
    return ("-updated_at", "-pk")


def _decode_cursor(place: str) -> tuple[datetime | None, int]:
    """Return the moment and the id in a cursor; an invalid cursor means the beginning of the list."""
    moment, _dash, number = place.partition("_")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None, 0
    if not (moment.isascii() and moment.isdigit() and len(moment) < 18):
        return None, int(number)
    return EPOCH + int(moment) * MICROSECOND, int(number)


def _start_query() -> TicketQuerySet:
    return Ticket.objects.all()  # reached: branches return ids only, their rows come through visible_to()


def _select_mine(_queues: Iterable[int], user: int) -> tuple[TicketQuerySet, ...]:
    return (_start_query().active().filter(assignee=user),)


def _select_waiting(_queues: Iterable[int], user: int) -> tuple[TicketQuerySet, ...]:
    return (_start_query().active().filter(assignee=user, waits_on=WaitsOn.US),)


def _select_unassigned(queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
    return _split_by_queue(_start_query().waiting_on_us().filter(assignee=None), queues)


def _select_finished(queues: Iterable[int], user: int) -> tuple[TicketQuerySet, ...]:
    rows = _start_query().finished()
    return (*_split_by_queue(rows, queues), rows.filter(assignee=user))


def _select_spam(queues: Iterable[int], _user: int) -> tuple[TicketQuerySet, ...]:
    return _split_by_queue(_start_query().filter(is_spam=True), queues)


def _split_by_queue(rows: TicketQuerySet, queues: Iterable[int]) -> tuple[TicketQuerySet, ...]:
    return tuple(rows.filter(queue=queue_id) for queue_id in queues) or (rows.none(),)


# The branches of each list by its slug. Each function takes the account's queue ids and its user id.
BRANCHES: dict[str, Branches] = {
    "mine": _select_mine,
    "waiting": _select_waiting,
    "unassigned": _select_unassigned,
    "finished": _select_finished,
    "spam": _select_spam,
}
