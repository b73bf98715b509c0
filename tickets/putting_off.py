"""Mails that are due but had better not leave now: to a server that asks for a pause, or to a machine."""

from __future__ import annotations

from datetime import datetime

from tickets import automatic, complaints, throttle
from tickets.models import Outbound


def put_off(row: Outbound, *, now: datetime) -> bool:
    """Leave a mail for later, or for good, where sending it now would do harm; tell whether it was left.

    A server that is being flooded, or has asked for a pause, gets its mails later; that is no failed try.
    What software wrote by itself does not go to an address that seems to answer it by itself, or whose owner
    called a mail of ours spam.
    """
    if not row.is_mail:
        return False
    if row.is_automatic and (why := _why_not(row, now=now)):
        dropped = {"state": Outbound.State.CANCELLED, "next_attempt_at": None, "last_error": why}
        Outbound.objects.filter(pk=row.pk).update(**dropped)
        return True
    free_at = throttle.free_at(row.to, now=now)
    if free_at <= now:
        return False
    Outbound.objects.filter(pk=row.pk).update(state=Outbound.State.QUEUED, next_attempt_at=free_at)
    return True


def _why_not(row: Outbound, *, now: datetime) -> str:
    if automatic.is_quiet(row.to, now=now):
        return "possible loop"
    return "called spam by its recipient" if complaints.has_complained(row.to) else ""
