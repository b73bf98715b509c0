"""Mails that are due but had better not leave now: to a server that asks for a pause, or to a machine."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.channels.registry import carrier_of
from tickets.delivery import auto_mail, complaints, throttle
from tickets.models import Outbound
from tickets.models.channels.delivery_error import DeliveryError

MAX_CONNECTIONS = 2  # connections to one receiving domain
SHORT_WAIT = timedelta(seconds=5)


def defer_or_cancel(row: Outbound, *, now: datetime) -> bool:
    """Leave a mail for later, or for good, where sending it now would do harm; tell whether it was left.

    A server that is being flooded, has asked for a pause, or is written to by several workers just now, gets
    its mails later; that is no failed try.
    What software wrote by itself does not go to an address that seems to answer it by itself, or whose owner
    called a mail of ours spam.
    """
    if not carrier_of(row.channel).is_mail:
        return False
    if row.is_automatic and (why := _find_obstacle(row, now=now)):
        dropped = {
            "state": Outbound.State.CANCELLED,
            "next_attempt_at": None,
            "error": DeliveryError.withheld(why),
        }
        Outbound.objects.filter(pk=row.pk).update(**dropped)
        return True
    free_at = now + SHORT_WAIT if _is_crowded(row, now=now) else throttle.reserve_departure(row.to, now=now)
    if free_at <= now:
        return False
    Outbound.objects.filter(pk=row.pk).update(state=Outbound.State.QUEUED, next_attempt_at=free_at)
    return True


def _is_crowded(row: Outbound, *, now: datetime) -> bool:
    """Tell whether other workers are writing to the same domain already, as many as may at once.

    The oldest go first, so that two workers never wait for each other; what a dead one left does not count.
    """
    domain = row.to.rpartition("@")[2]
    others = Outbound.objects.filter(
        state=Outbound.State.SENDING, next_attempt_at__gt=now, pk__lt=row.pk, to__iendswith=f"@{domain}"
    )
    return others.count() >= MAX_CONNECTIONS


def _find_obstacle(row: Outbound, *, now: datetime) -> str:
    if auto_mail.is_paused(row.to, now=now):
        return "possible loop"
    return "called spam by its recipient" if complaints.has_complained(row.to) else ""
