"""The phone's periodic work: calls whose end the provider never reported are recorded as missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.channels.base import Sweep
from tickets.channels.phone.payloads import typed
from tickets.channels.phone.report import CallReport, News, Told
from tickets.intake import receive
from tickets.models import Call

RINGS_AT_MOST = timedelta(minutes=15)


def end_lost(*, now: datetime, limit: int = 100) -> int:
    """Record calls that have been ringing for more than 15 minutes as missed; return how many."""
    lost = Call.objects.filter(result=Call.Result.RINGING, started_at__lt=now - RINGS_AT_MOST)
    lost_calls = list(lost.select_related("channel").order_by("started_at")[:limit])
    for call in lost_calls:
        at = call.started_at + timedelta(minutes=1)
        report = CallReport(
            call_id=call.external_id,
            told=Told(News.MISSED, at, at.timestamp(), is_sure=True),
            direction=call.direction,
            number=call.customer_number,
            our_number=call.our_number,
            customer_id=call.customer_id,
        )
        key = f"lost-{call.pk}"
        receive.receive(
            call.channel, typed.document(report), source_key=key, now=now, envelope={"format": typed.FORMAT}
        )
    return len(lost_calls)


sweeps = (Sweep("end calls without an end", 60, lambda now: end_lost(now=now)),)
