"""The ledger: store everything received before it is acknowledged, and record the outcome of each row."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tickets import events, prepared
from tickets.actor import SYSTEM, Actor
from tickets.models import Channel, Inbound, InboundRaw, Notice, Ticket
from tickets.platform import tasks_on_commit
from tickets.platform.text import make_json_storable, make_storable

UNREAD = (Inbound.State.STORED.value, Inbound.State.FAILED.value)
MAX_ATTEMPTS = 8
BACKOFF_SECONDS = (5, 30, 120, 600, 1800, 7200, 21600, 43200)
LONGEST_PAUSE = timedelta(minutes=10)  # while a fault of the machine lasts


def keep_raw(
    channel: Channel,
    raw: bytes,
    *,
    source_key: str,
    now: datetime,
    envelope: dict[str, Any] | None = None,
    kind: str = "message",
    body_digest: str | None = None,
) -> tuple[Inbound, bool]:
    """Store received bytes durably; return the ledger row, and whether it is new.

    When this returns, the bytes are committed, and receipt may be acknowledged. The same key and body again
    return the existing row. Characters that PostgreSQL cannot store are removed from the key and the
    envelope; the bytes are unchanged. Do not call it in a transaction that may still roll back, unless
    receipt is acknowledged only after the commit (as in the API).
    """
    row = Inbound(
        channel=channel,
        source_key=make_storable(source_key)[:200],
        body_digest=body_digest or hashlib.sha256(raw).hexdigest(),
        kind=kind,
        envelope=make_json_storable(envelope or {}),
        size=len(raw),
        received_at=now,
        next_attempt_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            InboundRaw(inbound=row, data=raw).save(force_insert=True)
    except IntegrityError:  # received before, or by another process at this moment
        same = Inbound.objects.filter(
            channel=channel, source_key=row.source_key, body_digest=row.body_digest
        ).first()
        if same is None:
            raise
        return same, False
    return row, True


def claim(row: Inbound) -> bool:
    """Lock an unprocessed row in the caller's transaction, and count the attempt.

    Return False if another process has locked or processed it; SKIP LOCKED, so that no process waits.
    """
    attempts = prepared.load_unread(row.pk, UNREAD)
    if not attempts:
        return False
    row.attempts = attempts[0] + 1
    return True


def ring(row: Inbound) -> None:
    """Enqueue a task that processes the row after the commit; the sweep would process it later."""
    tasks_on_commit.enqueue("tickets.tasks.process_inbound", row.pk)


def finish(
    row: Inbound,
    state: str,
    *,
    now: datetime,
    why: str = "",
    rule: str = "",
    ticket: Ticket | None = None,
) -> None:
    """Record the row's outcome and its ticket."""
    row.state, row.why, row.rule = state, make_storable(why)[:400], make_storable(rule)[:40]
    row.processed_at, row.next_attempt_at = now, None
    if ticket is not None:
        row.ticket = ticket
    row.save(update_fields=["state", "why", "rule", "processed_at", "next_attempt_at", "attempts", "ticket"])


def quarantine(row: Inbound, *, rule: str, why: str, now: datetime) -> None:
    """Quarantine a row for a person to look at, with the reason."""
    with transaction.atomic():
        finish(row, Inbound.State.QUARANTINED, now=now, why=why, rule=rule)
        events.record(
            "inbound.quarantined",
            by=SYSTEM,
            at=now,
            queue_id=row.channel.queue_id,
            channel=row.channel.slug,
            data={"inbound": row.pk, "rule": rule},
        )


def keep(row: Inbound, *, kind: str, why: str, now: datetime) -> None:
    """Keep what a machine wrote for nobody in particular: it can be found, and waits for nobody."""
    with transaction.atomic():
        finish(row, Inbound.State.KEPT, now=now, why=why, rule="notice")
        events.record(
            "inbound.kept",
            by=SYSTEM,
            at=now,
            queue_id=row.channel.queue_id,
            channel=row.channel.slug,
            data={"inbound": row.pk, "kind": kind},
        )


def choose(row: Inbound, *, by: Actor, now: datetime) -> bool:
    """Make work of what was kept: it is read again as a word like any other, and counts from now.

    Return False when somebody was quicker.
    """
    with transaction.atomic():
        kept = Inbound.objects.filter(pk=row.pk, state=Inbound.State.KEPT)
        envelope = {**row.envelope, "chosen_at": now.isoformat()}
        changed = kept.update(
            state=Inbound.State.STORED, envelope=envelope, next_attempt_at=now, attempts=0, why="", rule=""
        )
        if changed:
            Notice.objects.filter(pk=row.pk).delete()
            _record_handling(row, "ticket", by=by, now=now)
    return bool(changed)


def postpone(row: Inbound, *, why: str, now: datetime, give_up: bool = True) -> None:
    """Record a failed attempt and schedule the next; after the last attempt, quarantine the row.

    With `give_up=False`, for failures that are not caused by the row, attempts go on without end.
    """
    attempts = min(row.attempts + 1, MAX_ATTEMPTS)
    if attempts >= MAX_ATTEMPTS and give_up:
        row.attempts = attempts
        quarantine(row, rule="gave_up", why=why, now=now)
        return
    wait = timedelta(seconds=BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1])
    wait = wait if give_up else min(wait, LONGEST_PAUSE)
    Inbound.objects.filter(pk=row.pk).update(
        state=Inbound.State.FAILED,
        attempts=attempts,
        why=make_storable(why)[:400],
        next_attempt_at=now + wait,
    )


def retry(row: Inbound, *, by: Actor, now: datetime) -> None:
    """Schedule a quarantined or failed row again, because a person asked for it."""
    with transaction.atomic():
        changed = Inbound.objects.filter(
            pk=row.pk, state__in=(Inbound.State.QUARANTINED, Inbound.State.FAILED)
        ).update(state=Inbound.State.STORED, next_attempt_at=now, attempts=0, handled_at=None)
        if changed:
            _record_handling(row, "retry", by=by, now=now)
            ring(row)


def dismiss(row: Inbound, *, by: Actor, now: datetime) -> None:
    """Mark a quarantined row as handled without action; it stays in the ledger."""
    with transaction.atomic():
        if Inbound.objects.filter(pk=row.pk, handled_at=None).update(handled_at=now):
            _record_handling(row, "dismissed", by=by, now=now)


def settle(row: Inbound, ticket: Ticket, *, by: Actor, now: datetime) -> bool:
    """Mark a quarantined row as handled by this ticket; return False if somebody else has handled it."""
    with transaction.atomic():
        changed = Inbound.objects.filter(pk=row.pk, handled_at=None).update(
            handled_at=now, ticket=ticket, next_attempt_at=None
        )
        if changed:
            _record_handling(row, "ticket", by=by, now=now)
    return bool(changed)


def _record_handling(row: Inbound, how: str, *, by: Actor, now: datetime) -> None:
    data = {"inbound": row.pk, "how": how}
    events.record("inbound.handled", by=by, at=now, queue_id=row.channel.queue_id, data=data)
