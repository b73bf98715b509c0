"""Count how often something is done, over all processes, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from tickets.errors import TooMany
from tickets.models.rate import RateBucket

UPSERT = """
INSERT INTO tickets_ratebucket (key, "window", count) VALUES (%s, %s, 1)
ON CONFLICT (key, "window") DO UPDATE SET count = tickets_ratebucket.count + 1
RETURNING count
"""


def hit(key: str, *, limit: int, per: timedelta, now: datetime) -> bool:
    """Count one more and tell whether it is still within `limit` in the present window of length `per`."""
    seconds = per.total_seconds()
    window = datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=now.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [f"{key}/{int(seconds)}"[:120], window])
        (count,) = cursor.fetchone()
    return bool(count <= limit)


def demand(key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    """Count one more; raise TooMany beyond the limit."""
    if not hit(key, limit=limit, per=per, now=now):
        raise TooMany


def forget_before(moment: datetime) -> int:
    """Delete windows that ended before `moment`; return how many."""
    deleted, _ = RateBucket.objects.filter(window__lt=moment).delete()
    return deleted
