"""The phone's periodic work: calls whose end the provider never reported are ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets.channels.base import Sweep
from tickets.channels.phone.payloads import typed
from tickets.channels.phone.report import CallReport, News, Told
from tickets.intake import receive
from tickets.models import Call

RINGS_AT_MOST = timedelta(minutes=15)
QUEUES_AT_MOST = timedelta(hours=1)  # what a caller may wait in the telephone system's own queue
TALKS_AT_MOST = timedelta(hours=4)


def end_lost(*, now: datetime, limit: int = 100) -> int:
    """End calls of which nothing more is reported; return how many.

    A call is recorded as missed if it has been ringing for more than 15 minutes, or waiting in a queue for
    more than an hour. An answered call ends after 4 hours, or when its agent or its customer speaks in a
    later call.
    """
    calls = Call.objects.select_related("channel").order_by("started_at")
    rung = list(calls.filter(result=Call.Result.RINGING, started_at__lt=now - RINGS_AT_MOST)[:limit])
    for call in rung:
        if _is_queued(call):
            if call.started_at < now - QUEUES_AT_MOST:
                _tell(call, News.LOST, at=now, now=now)
        else:
            _tell(call, News.MISSED, at=call.started_at + timedelta(minutes=1), now=now)
    talking = list(_without_an_end(calls, now=now)[:limit])
    for call in talking:
        _tell(call, News.LOST, at=now, now=now)
    return len(rung) + len(talking)


def _without_an_end(calls: QuerySet[Call], *, now: datetime) -> QuerySet[Call]:
    """Return answered calls that cannot be going on any more."""
    same_people = Q(agent=OuterRef("agent")) | (
        Q(channel=OuterRef("channel"), customer_number=OuterRef("customer_number")) & ~Q(customer_number="")
    )
    later = Call.objects.filter(same_people, answered_at__gt=OuterRef("answered_at"))
    running = calls.filter(result=Call.Result.ANSWERED, ended_at=None, answered_at__isnull=False)
    return running.filter(Q(answered_at__lt=now - TALKS_AT_MOST) | Exists(later))


def _is_queued(call: Call) -> bool:
    """Tell whether a queue or a menu has taken a call that nobody has answered yet."""
    return any(told.get("news") == News.ANSWERED for told in call.told)


def _tell(call: Call, news: News, *, at: datetime, now: datetime) -> None:
    """Receive our own report of a call's end, once, unless another report has arrived since."""
    report = CallReport(
        call_id=call.external_id,
        told=Told(news, at, at.timestamp()),
        direction=call.direction,
        number=call.customer_number,
        our_number=call.our_number,
        customer_id=call.customer_id,
    )
    receive.receive(
        call.channel,
        typed.document(report),
        source_key=f"{news}-{call.pk}-{len(call.told)}",
        now=now,
        envelope={"format": typed.FORMAT},
    )


sweeps = (Sweep("end calls without an end", 60, lambda now: end_lost(now=now)),)
