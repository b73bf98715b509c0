"""Events become facts: the same set-based SQL for one ticket, a batch, or everything from nothing.

A ticket's facts are derived again from all of its events, never counted up, so deriving twice, late or in
another order gives the same rows. Tickets come first (metrics/sql/ticket.sql and its neighbours), then the
issues of the customers concerned, because an issue is made of several tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, NamedTuple

from django.db import transaction

from metrics.models import Watermark
from metrics.sql.statements import read_statement
from tickets.platform import locks
from tickets.platform.locks import Lock
from tickets.platform.sql import execute_update, load_column, load_row

KINDS = [
    "call.logged", "contact.end", "contact.start", "message.in", "message.no_action", "message.out",
    "message.withdrawn", "motive.set", "promise.broken", "promise.changed", "promise.kept", "promise.made",
    "queue.abandoned", "queue.entered", "ticket.closed", "ticket.created", "ticket.customer", "ticket.linked",
    "ticket.merged", "ticket.reopened", "ticket.resolved", "ticket.spam", "ticket.waits_on", "transfer",
]  # fmt: skip

BATCH = 5_000
WINDOW = 50_000
GRACE = timedelta(seconds=5)
ALL_CUSTOMERS = "SELECT DISTINCT customer_id FROM metrics_factticket"


class Log(NamedTuple):
    """The newest visible event, the oldest transaction still running, and the next transaction id."""

    newest: int
    oldest_running: int
    next_xid: int


def derive_facts(tickets: Sequence[int], *, customers: Sequence[int] = ()) -> int:
    """Derive the facts of these tickets, and the issues of their customers and of `customers`, again.

    Return the number of tickets. Waits for another writer of facts to finish.
    """
    if not tickets and not customers:
        return 0
    with transaction.atomic():
        _begin()
        before = _column("before", tickets=tickets)
        _derive_tickets(tickets)
        concerned = [*before, *customers]
        _derive_issues(_column("roots", tickets=tickets, customers=concerned), concerned)
    return len(tickets)


def derive_if_free(tickets: Sequence[int]) -> bool:
    """Derive these tickets' facts unless another process writes facts just now; return whether it was done.

    For notification tasks: a worker must not wait for a rebuild. `refresh` finds what is left undone.
    """
    with transaction.atomic():
        if not locks.try_lock(Lock.FACTS):
            return False
        derive_facts(tickets)
    return True


def refresh_facts(*, now: datetime, limit: int = BATCH) -> int:
    """Derive the facts of tickets changed since the watermark, at most `limit`; return how many.

    Tolerates transactions that commit late: see metrics.models.Watermark. Does nothing while another
    process writes facts.
    """
    with transaction.atomic():
        if not locks.try_lock(Lock.FACTS):
            return 0
        mark, _made = Watermark.objects.select_for_update().get_or_create(pk=1)
        log = load_row(Log, read_statement("newest"))
        span = {"after": mark.settled_id, "until": min(log.newest, mark.settled_id + WINDOW)}
        stale = _column("stale", kinds=KINDS, limit=limit, **span)
        merged = _column("merged_customers", **span)
        derive_facts(stale, customers=merged)
        if len(stale) < limit:
            _settle(mark, span["until"], log.oldest_running, now=now)
            if mark.candidate_id is None:
                mark.candidate_id, mark.candidate_xid, mark.candidate_at = log.newest, log.next_xid, now
        mark.refreshed_at = now
        mark.save()
    return len(stale)


def rebuild_facts(*, now: datetime) -> int:
    """Derive everything from the event log alone; return the number of tickets.

    Works in batches, so pages stay readable meanwhile; what happens during the rebuild is left to
    `refresh`, which starts where this began to read.
    """
    log = load_row(Log, read_statement("newest"))
    settled = log.newest if log.oldest_running == log.next_xid else _settled_so_far()
    count = 0
    for tickets in _all_tickets():
        with transaction.atomic():
            _begin()
            _derive_tickets(tickets)
        count += len(tickets)
    _forget_what_has_no_events()
    for customers in batched(load_column(int, ALL_CUSTOMERS), BATCH):
        with transaction.atomic():
            _begin()
            _derive_issues(_column("roots", tickets=[], customers=customers), customers)
    fresh = {
        "candidate_id": log.newest,
        "candidate_xid": log.next_xid,
        "candidate_at": now,
        "refreshed_at": now,
    }
    Watermark.objects.update_or_create(pk=1, defaults={"settled_id": settled, **fresh})
    return count


def _begin() -> None:
    """Wait for the lock of the one writer of facts, and give the sorts and joins of a batch enough memory."""
    locks.acquire_lock(Lock.FACTS)
    execute_update("SET LOCAL work_mem = '64MB'")


def _derive_tickets(tickets: Sequence[int]) -> None:
    for name in ("forget", "ticket", "contact", "wait", "promise"):
        _write(name, tickets=tickets, kinds=KINDS)


def _derive_issues(customers: Sequence[int], named_before: Iterable[int]) -> None:
    """Group the tickets of these customers (roots of their merges) into issues."""
    tickets = _column("scope", customers=customers)
    concerned = [*customers, *named_before]
    for name in ("forget_issues", "group", "thread", "issue"):
        _write(name, tickets=tickets, customers=concerned)


def _settle(mark: Watermark, until: int, oldest_running: int, *, now: datetime) -> None:
    """Move the mark up to its candidate once nothing older can appear any more."""
    if mark.candidate_id is None or mark.candidate_xid is None or mark.candidate_at is None:
        return
    if oldest_running < mark.candidate_xid or now - mark.candidate_at < GRACE:
        return
    mark.settled_id = max(mark.settled_id, min(mark.candidate_id, until))
    if mark.settled_id >= mark.candidate_id:
        mark.candidate_id = mark.candidate_xid = mark.candidate_at = None


def _settled_so_far() -> int:
    return Watermark.objects.filter(pk=1).values_list("settled_id", flat=True).first() or 0


def _all_tickets() -> Iterator[list[int]]:
    after = 0
    while tickets := _column("next_tickets", after=after, limit=BATCH):
        yield tickets
        after = tickets[-1]


def _forget_what_has_no_events() -> None:
    ticket_ids = _column("without_events")
    for batch in batched(ticket_ids, BATCH):
        derive_facts(list(batch))


def _column(name: str, **values: Any) -> list[int]:
    """Run a statement of metrics/sql that gives one column of ids."""
    return load_column(int, read_statement(name), _lists(values))


def _write(name: str, **values: Any) -> None:
    """Run a statement of metrics/sql that writes."""
    execute_update(read_statement(name), _lists(values))


def _lists(values: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with lists for tuples, which PostgreSQL would take for rows."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
