"""The ledger's verbs: keep what came in before anybody acknowledges it, and say how each row ended."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import Channel, Inbound, InboundRaw, Ticket
from tickets.platform import tasks_on_commit
from tickets.platform.text import make_json_storable, make_storable

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
    """Store a received thing durably; return its ledger row and whether it is new.

    When this returns, the raw bytes are committed: only then may the sender be told so. The same key
    and body a second time give the row that is already there. What PostgreSQL cannot store is cleaned in
    the key and the envelope; the raw bytes stay as they are. Must not run inside a transaction that
    may still roll back, unless its sender is told nothing before the commit (the API does so).
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
    except IntegrityError:  # the same came before, or comes by another process at this moment
        same = Inbound.objects.filter(
            channel=channel, source_key=row.source_key, body_digest=row.body_digest
        ).first()
        if same is None:
            raise
        return same, False
    return row, True


def claim(row: Inbound) -> bool:
    """Lock a row that is still to be read, in the caller's transaction, and count the attempt.

    Return False where somebody else has it, or has read it meanwhile: nobody waits for another reader.
    """
    unread = Inbound.objects.select_for_update(skip_locked=True).filter(
        pk=row.pk, state__in=(Inbound.State.STORED, Inbound.State.FAILED)
    )
    attempts = unread.order_by().values_list("attempts", flat=True).first()
    if attempts is None:
        return False
    row.attempts = attempts + 1
    return True


def ring(row: Inbound) -> None:
    """Ask a worker to read the row soon; the sweep reads it anyway."""
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
    """Write how a row ended, and with which ticket."""
    row.state, row.why, row.rule = state, make_storable(why)[:400], make_storable(rule)[:40]
    row.processed_at, row.next_attempt_at = now, None
    if ticket is not None:
        row.ticket = ticket
    row.save(update_fields=["state", "why", "rule", "processed_at", "next_attempt_at", "attempts", "ticket"])


def quarantine(row: Inbound, *, rule: str, why: str, now: datetime) -> None:
    """Set a row aside for a person: its raw input stays, with the reason."""
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


def postpone(row: Inbound, *, why: str, now: datetime, give_up: bool = True) -> None:
    """Note a failure of our own; the row is tried again later, and set aside after the last try.

    Without `give_up` the machine is at fault and not the row: it is tried for as long as that lasts.
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
    """Try a quarantined or failed row again at a person's wish."""
    with transaction.atomic():
        changed = Inbound.objects.filter(
            pk=row.pk, state__in=(Inbound.State.QUARANTINED, Inbound.State.FAILED)
        ).update(state=Inbound.State.STORED, next_attempt_at=now, attempts=0, handled_at=None)
        if changed:
            _record_handling(row, "retry", by=by, now=now)
            ring(row)


def dismiss(row: Inbound, *, by: Actor, now: datetime) -> None:
    """Say that nothing needs to be done about a quarantined row; it stays in the ledger."""
    with transaction.atomic():
        if Inbound.objects.filter(pk=row.pk, handled_at=None).update(handled_at=now):
            _record_handling(row, "dismissed", by=by, now=now)


def settle(row: Inbound, ticket: Ticket, *, by: Actor, now: datetime) -> bool:
    """Say that a person made this ticket of a quarantined row; return False when somebody was quicker."""
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
