"""Periodic work: close solved tickets, delete expired rows, and seal the audit events."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from django.db import transaction

from tickets.actor import SYSTEM
from tickets.limits import rate_limits
from tickets.models import ApiAnswer, AuditSeal, Company, Event, Ticket
from tickets.platform import locks
from tickets.platform.locks import Lock
from tickets.states import State

SEAL_BATCH = 500
# An id is assigned before its transaction commits, so an event may appear after events with higher ids. Two
# minutes are longer than a transaction lasts: no event can appear later inside a range that was sealed.
SEAL_AFTER = timedelta(minutes=2)


def close_solved(*, now: datetime, limit: int = 200) -> int:
    """Close tickets that have been solved for the company's `auto_close_days`; return how many closed.

    At most `limit` a call, the longest solved first.
    """
    before = now - timedelta(days=Company.current().auto_close_days)
    due = Ticket.objects.genuine().filter(state=State.SOLVED, solved_at__lt=before).order_by("solved_at")
    return sum(ticket.close(by=SYSTEM, now=now) for ticket in due[:limit])


def delete_old_counters(*, now: datetime) -> int:
    """Delete counters of rate limits older than two days; return how many."""
    return rate_limits.delete_before(now - timedelta(days=2))


def delete_old_api_answers(*, now: datetime) -> int:
    """Delete stored API answers older than `ApiAnswer.KEPT`; return how many."""
    deleted, _by_model = ApiAnswer.objects.filter(created_at__lt=now - ApiAnswer.KEPT).delete()
    return deleted


def seal_audit_events(*, now: datetime) -> int:
    """Add a seal to the hash chain for the audit events since the last one; return how many it covers.

    At most SEAL_BATCH events a call.
    """
    with transaction.atomic():
        # An advisory lock, since the application's database role may not lock rows of seals.
        locks.acquire_lock(Lock.AUDIT_SEAL)
        last = AuditSeal.objects.order_by("-last_id").first()
        unsealed = Event.objects.filter(
            is_audit=True, id__gt=last.last_id if last else 0, recorded_at__lt=now - SEAL_AFTER
        )
        batch = list(unsealed.order_by("id")[:SEAL_BATCH])
        if not batch:
            return 0
        previous = last.digest if last else ""
        AuditSeal.objects.create(
            first_id=batch[0].pk,
            last_id=batch[-1].pk,
            count=len(batch),
            previous=previous,
            digest=_digest(previous, batch),
            sealed_at=now,
        )
    return len(batch)


def find_broken_seals() -> list[int]:
    """Return the ids of seals whose hash no longer matches: their events or the seal before changed."""
    broken, previous = [], ""
    for seal in AuditSeal.objects.order_by("last_id"):
        batch = list(
            Event.objects.filter(is_audit=True, id__gte=seal.first_id, id__lte=seal.last_id).order_by("id")
        )
        if seal.previous != previous or seal.digest != _digest(previous, batch):
            broken.append(seal.pk)
        previous = seal.digest
    return broken


def _digest(previous: str, batch: list[Event]) -> str:
    hasher = hashlib.sha256(previous.encode())
    for event in batch:
        row = [event.pk, event.kind, event.at.isoformat(), event.actor_kind, event.actor_id, event.data]
        hasher.update(json.dumps(row, sort_keys=True).encode())
    return hasher.hexdigest()
