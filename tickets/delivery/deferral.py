"""Defer or cancel mails that are due: the receiving server needs a pause, or a machine may answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.channels.registry import sending_adapter
from tickets.delivery import auto_mail, complaints, throttle
from tickets.models import Outbound
from tickets.models.channels.delivery_error import DeliveryError

MAX_CONNECTIONS = 2  # at the same time, to one receiving domain
SHORT_WAIT = timedelta(seconds=5)


def defer_or_cancel(row: Outbound, *, now: datetime) -> bool:
    """Defer or cancel a mail that must not be sent now; return whether it was deferred or cancelled.

    It is deferred if its domain has had its mails of this minute, has asked for a pause, or has as many
    connections as it may have. That does not count as a failed attempt. An automatic mail is cancelled if a
    machine seems to answer at its address, or its owner complained about spam.
    """
    if not sending_adapter(row.channel).is_mail:
        return False
    if row.is_automatic and (why := _find_obstacle(row, now=now)):
        cancelled = {
            "state": Outbound.State.CANCELLED,
            "next_attempt_at": None,
            "error": DeliveryError.withheld(why),
        }
        Outbound.objects.filter(pk=row.pk).update(**cancelled)
        return True
    send_at = now + SHORT_WAIT if _is_crowded(row, now=now) else throttle.reserve_departure(row.to, now=now)
    if send_at <= now:
        return False
    Outbound.objects.filter(pk=row.pk).update(state=Outbound.State.QUEUED, next_attempt_at=send_at)
    return True


def _is_crowded(row: Outbound, *, now: datetime) -> bool:
    """Tell whether MAX_CONNECTIONS workers are sending older mails to the same domain.

    Only older mails count, so that two workers never defer each other's mail. Rows whose lease has ended do
    not count: their worker died.
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
