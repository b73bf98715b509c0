"""Events become facts: the same set-based SQL for one ticket, a batch, or everything from nothing.

A ticket's facts are derived again from all of its events, never counted up, so deriving twice, late or in
another order gives the same rows. Tickets come first (metrics/sql/ticket.sql and its neighbours), then the
issues of the customers concerned, because an issue is made of several tickets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from metrics.models import Watermark
from tickets.platform import locks
from tickets.platform.locks import Lock

KINDS = [
    "call.logged", "contact.end", "contact.start", "message.in", "message.no_action", "message.out",
    "message.withdrawn", "motive.set", "promise.broken", "promise.changed", "promise.kept", "promise.made",
    "queue.abandoned", "queue.entered", "ticket.closed", "ticket.created", "ticket.customer", "ticket.linked",
    "ticket.merged", "ticket.reopened", "ticket.resolved", "ticket.spam", "ticket.waits_on", "transfer",
]  # fmt: skip

BATCH = 5_000
WINDOW = 50_000
GRACE = timedelta(seconds=5)

# Seconds on the clock of the queue's opening hours; `m` is the row that names calendar and version.
OPEN_CLOCK = """(CASE WHEN m.calendar_id IS NOT NULL AND {at} IS NOT NULL THEN coalesce((
        SELECT o.seconds_before + extract(epoch FROM least({at}, o.close_at) - o.open_at)
        FROM tickets_openinginterval o
        WHERE o.calendar_id = m.calendar_id AND o.version = m.version AND o.open_at <= {at}
        ORDER BY o.open_at DESC LIMIT 1), 0) END)"""


def derive(tickets: Sequence[int], *, customers: Sequence[int] = ()) -> int:
    """Derive the facts of these tickets, and the issues of their customers and of `customers`, again.

    Return the number of tickets. Waits for another writer of facts to finish.
    """
    if not tickets and not customers:
        return 0
    with transaction.atomic():
        _begin()
        before = _column(_sql("before"), tickets=tickets)
        _derive_tickets(tickets)
        concerned = [*before, *customers]
        _derive_issues(_column(_sql("roots"), tickets=tickets, customers=concerned), concerned)
    return len(tickets)


def derive_if_free(tickets: Sequence[int]) -> bool:
    """Derive these tickets' facts unless another process writes facts just now; return whether it was done.

    For bells: a worker must not stand and wait through a rebuild. What is left undone, `refresh` finds.
    """
    with transaction.atomic():
        if not locks.take_if_free(Lock.FACTS):
            return False
        derive(tickets)
    return True


def refresh(*, now: datetime, limit: int = BATCH) -> int:
    """Derive what is newer than the watermark, up to `limit` tickets; return how many were derived.

    Tolerates transactions that commit late: see metrics.models.Watermark. Does nothing while another
    process writes facts.
    """
    with transaction.atomic():
        if not locks.take_if_free(Lock.FACTS):
            return 0
        mark, _made = Watermark.objects.select_for_update().get_or_create(pk=1)
        newest, oldest_running, next_xid = _run(_sql("newest"))[0]
        span = {"after": mark.settled_id, "until": min(newest, mark.settled_id + WINDOW)}
        stale = _column(_sql("stale"), kinds=KINDS, limit=limit, **span)
        merged = _column(_sql("merged_customers"), **span)
        derive(stale, customers=merged)
        if len(stale) < limit:
            _settle(mark, span["until"], oldest_running, now=now)
            if mark.candidate_id is None:
                mark.candidate_id, mark.candidate_xid, mark.candidate_at = newest, next_xid, now
        mark.refreshed_at = now
        mark.save()
    return len(stale)


def rebuild(*, now: datetime) -> int:
    """Derive everything from the event log alone; return the number of tickets.

    Works in batches, so pages stay readable meanwhile; what happens during the rebuild is left to
    `refresh`, which starts where this began to read.
    """
    newest, oldest_running, next_xid = _run(_sql("newest"))[0]
    settled = newest if oldest_running == next_xid else _settled_so_far()
    count = 0
    for tickets in _all_tickets():
        with transaction.atomic():
            _begin()
            _derive_tickets(tickets)
        count += len(tickets)
    _forget_what_has_no_events()
    for customers in batched(_column("SELECT DISTINCT customer_id FROM metrics_factticket"), BATCH):
        with transaction.atomic():
            _begin()
            _derive_issues(_column(_sql("roots"), tickets=[], customers=customers), customers)
    fresh = {"candidate_id": newest, "candidate_xid": next_xid, "candidate_at": now, "refreshed_at": now}
    Watermark.objects.update_or_create(pk=1, defaults={"settled_id": settled, **fresh})
    return count


def _begin() -> None:
    """Wait to be the one writer of facts; a batch is sorted and joined in memory."""
    locks.wait_for(Lock.FACTS)
    _run("SET LOCAL work_mem = '64MB'")


def _derive_tickets(tickets: Sequence[int]) -> None:
    for name in ("forget", "ticket", "contact", "wait", "promise"):
        _run(_sql(name), tickets=tickets, kinds=KINDS)


def _derive_issues(customers: Sequence[int], named_before: Iterable[int]) -> None:
    """Group the tickets of these customers (roots of their merges) into issues."""
    tickets = _column(_sql("scope"), customers=customers)
    concerned = [*customers, *named_before]
    for name in ("forget_issues", "group", "thread", "issue"):
        _run(_sql(name), tickets=tickets, customers=concerned)


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
    while tickets := _column(_sql("next_tickets"), after=after, limit=BATCH):
        yield tickets
        after = tickets[-1]


def _forget_what_has_no_events() -> None:
    gone = _column(_sql("without_events"))
    for some in batched(gone, BATCH):
        derive(list(some))


@cache
def _sql(name: str) -> str:
    folder = Path(__file__).parent.parent / "sql"
    text = (folder / f"{name}.sql").read_text()
    text = text.replace("STANDING_EVENTS", (folder / "standing.sql").read_text())
    return re.sub(r"OPEN_CLOCK\(([\w.]+)\)", lambda found: OPEN_CLOCK.format(at=found[1]), text)


def _run(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()})
        return cursor.fetchall() if cursor.description else []


def _column(sql: str, **values: Any) -> list[int]:
    return [row[0] for row in _run(sql, **values)]
