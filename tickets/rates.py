"""Count how often something is done, over all processes, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from tickets.errors import TooMany
from tickets.models.rate import RateBucket

UPSERT = """
INSERT INTO tickets_ratebucket (key, "window", count)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::integer[]) ORDER BY 1
ON CONFLICT (key, "window") DO UPDATE SET count = tickets_ratebucket.count + 1
RETURNING key, count
"""
STEP = """step{n} AS (
    INSERT INTO tickets_ratebucket (key, "window", count) SELECT %s, %s, 1 {after}
    ON CONFLICT (key, "window") DO UPDATE SET count = tickets_ratebucket.count + 1
    RETURNING count <= %s AS is_within
)"""
BLOCK = """
INSERT INTO tickets_ratebucket (key, "window", count) VALUES (%s, %s, 1) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Limit:
    """At most `limit` times in a window of length `per`."""

    key: str
    limit: int
    per: timedelta

    @property
    def row(self) -> str:
        """The key under which it is counted."""
        return f"{self.key}/{int(self.per.total_seconds())}"[:120]

    def window(self, now: datetime) -> datetime:
        """Return when the present window began."""
        seconds = self.per.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=now.tzinfo)


def hit(key: str, *, limit: int, per: timedelta, now: datetime) -> bool:
    """Count one more and tell whether it is still within `limit` in the present window of length `per`."""
    return not beyond([Limit(key, limit, per)], now=now)


def beyond(limits: Sequence[Limit], *, now: datetime) -> list[Limit]:
    """Count one more under each limit, in one statement; return those that are exceeded."""
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT, [[one.row for one in limits], [one.window(now) for one in limits], [1] * len(limits)]
        )
        counts = dict(cursor.fetchall())
    return [one for one in limits if counts[one.row] > one.limit]


def demand_each(limits: Sequence[Limit], *, now: datetime) -> None:
    """Count one more under each limit in turn, in one statement; raise TooMany at the first that is exceeded.

    What is beyond one limit counts under none after it: who is stopped cannot use up what others share.
    """
    steps = [
        STEP.format(n=n, after=f"FROM step{n - 1} WHERE is_within" if n else "") for n in range(len(limits))
    ]
    values = [value for one in limits for value in (one.row, one.window(now), one.limit)]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(steps)} SELECT is_within FROM step{len(limits) - 1}", values)  # noqa: S608
        if cursor.fetchone() != (True,):
            raise TooMany


def block(key: str, *, until: datetime) -> None:
    """Shut something until a moment; `is_blocked` tells so in all processes."""
    with connection.cursor() as cursor:
        cursor.execute(BLOCK, [f"{key}/until"[:120], until])


def is_blocked(key: str, *, now: datetime) -> bool:
    """Tell whether something is shut at this moment."""
    return blocked_until(key, now=now) is not None


def blocked_until(key: str, *, now: datetime) -> datetime | None:
    """Return until when something is shut, or None."""
    ends = RateBucket.objects.filter(key=f"{key}/until"[:120], window__gt=now)
    return ends.order_by("-window").values_list("window", flat=True).first()


def demand(key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    """Count one more; raise TooMany beyond the limit."""
    demand_each([Limit(key, limit, per)], now=now)


def forget_before(moment: datetime) -> int:
    """Delete windows that ended before `moment`; return how many."""
    deleted, _ = RateBucket.objects.filter(window__lt=moment).delete()
    return deleted
