"""Mails that are due but had better not leave now: to a server that asks for a pause, or to a machine."""

from __future__ import annotations

from datetime import datetime

from tickets import automatic, throttle
from tickets.models import Outbound


def put_off(row: Outbound, *, now: datetime) -> bool:
    """Leave a mail for later, or for good, where sending it now would do harm; tell whether it was left.

    A server that is being flooded, or has asked for a pause, gets its mails later; that is no failed try.
    What software wrote by itself does not go to an address that seems to answer it by itself.
    """
    if not row.is_mail:
        return False
    if row.is_automatic and automatic.is_quiet(row.to, now=now):
        quiet = {"state": Outbound.State.CANCELLED, "next_attempt_at": None, "last_error": "possible loop"}
        Outbound.objects.filter(pk=row.pk).update(**quiet)
        return True
    free_at = throttle.free_at(row.to, now=now)
    if free_at <= now:
        return False
    Outbound.objects.filter(pk=row.pk).update(state=Outbound.State.QUEUED, next_attempt_at=free_at)
    return True
