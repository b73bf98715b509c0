"""One pass of the router: tidy up, look, decide, write. Whoever holds the lock; anybody may try."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection, transaction

from routing import giving, offers, reconcile, recordings, returns, snapshot, wait_choices, wishes
from routing.engine.deciding import decide
from routing.engine.matching import load_solver
from routing.models import Policy

logger = logging.getLogger(__name__)

LOCK = 7_402_101


@dataclass(frozen=True)
class Pass:
    """What one pass did. `is_mine` is False when another process was at it."""

    is_mine: bool = True
    tidied: int = 0
    waiting: int = 0
    assigned: int = 0
    offered: int = 0
    engine_seconds: float = 0.0


def run(now: datetime, ticket_ids: Sequence[int] | None = None) -> Pass:
    """Make one pass; safe to call from anywhere, at any time, by any number of processes.

    `ticket_ids` narrows the tidying up to what a bell spoke of, or to nothing; what waits is always
    looked at whole.
    """
    load_solver()
    with _mine() as is_mine:
        if not is_mine:
            return Pass(is_mine=False)
        tidied = _tidy(now, ticket_ids)
    try:
        with _mine() as is_mine:
            return replace(_give(now), tidied=tidied) if is_mine else Pass(is_mine=False, tidied=tidied)
    except IntegrityError:
        # Another process went past the lock, and the rows' own guards held: the next pass looks again.
        logger.warning("routing pass rolled back", exc_info=True)
        return Pass(tidied=tidied)


def _tidy(now: datetime, ticket_ids: Sequence[int] | None) -> int:
    """Bring work items up to date, end offers whose time is over, take back what lies with the absent."""
    changed = 0 if ticket_ids is not None and not ticket_ids else reconcile.run(now, ticket_ids)
    changed += offers.expire(now)
    changed += returns.return_absent(now, target_seconds=Policy.in_force().mail.target_seconds)
    return changed + wishes.fulfil(now) + wait_choices.ask_due(now)


def _give(now: datetime) -> Pass:
    """Decide on what waits and write it: mail is assigned, live work offered."""
    picture = snapshot.take(now)
    started = time.perf_counter()
    decisions = decide(picture.items, picture.agents, picture.policy, now.timestamp())
    engine_seconds = time.perf_counter() - started
    assigned = giving.assign_many(decisions, picture, now=now)
    offered = giving.offer_many(decisions, picture, now=now)
    giving.note_waiting(decisions, picture)
    if assigned or offered:
        transaction.on_commit(partial(recordings.keep, picture, now), robust=True)
    return Pass(waiting=len(picture.items), assigned=assigned, offered=offered, engine_seconds=engine_seconds)


@contextmanager
def _mine() -> Iterator[bool]:
    """Hold the router's lock for a transaction, or say that somebody else does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (is_mine,) = cursor.fetchone()
        yield is_mine
