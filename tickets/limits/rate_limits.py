"""Count how often something is done, over all processes, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from tickets.errors import TooMany
from tickets.models.rate import RateBucket
from tickets.platform import locks
from tickets.platform.locks import KeyedLock

# Counted and read in one statement: of several who count at the same moment, each gets another number. The
# order of the keys keeps two of them from waiting for each other.
UPSERT = """
INSERT INTO tickets_ratebucket (key, "window", count)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::integer[]) ORDER BY 1
ON CONFLICT (key, "window") DO UPDATE SET count = tickets_ratebucket.count + 1
RETURNING key, count
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


TURN_KEPT_FOR = timedelta(minutes=10)


def count_and_check(key: str, *, limit: int, per: timedelta, now: datetime) -> bool:
    """Count one more and tell whether it is still within `limit` in the present window of length `per`."""
    return not count_and_find_exceeded([Limit(key, limit, per)], now=now)


def count_and_find_exceeded(limits: Sequence[Limit], *, now: datetime) -> list[Limit]:
    """Count one more under each limit, in one statement; return those that are exceeded."""
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT, [[one.row for one in limits], [one.window(now) for one in limits], [1] * len(limits)]
        )
        counts = dict(cursor.fetchall())
    return [one for one in limits if counts[one.row] > one.limit]


def enforce_limits(limits: Sequence[Limit], *, now: datetime) -> None:
    """Count one more under each limit in turn; raise TooMany at the first that is exceeded.

    What is beyond one limit counts under none after it: who is stopped cannot use up what others share.
    """
    with transaction.atomic():
        is_beyond = any(count_and_find_exceeded([one], now=now) for one in limits)
    if is_beyond:  # after the commit: what was tried too often stays counted
        raise TooMany


def block_key(key: str, *, until: datetime) -> None:
    """Shut something until a moment; `is_blocked` tells so in all processes."""
    ends = RateBucket(key=f"{key}/until"[:120], window=until, count=1)
    RateBucket.objects.bulk_create([ends], ignore_conflicts=True)


def is_blocked(key: str, *, now: datetime) -> bool:
    """Tell whether something is shut at this moment."""
    return find_block_end(key, now=now) is not None


def find_block_end(key: str, *, now: datetime) -> datetime | None:
    """Return until when something is shut, or None."""
    ends = RateBucket.objects.filter(key=f"{key}/until"[:120], window__gt=now)
    return ends.order_by("-window").values_list("window", flat=True).first()


def enforce_limit(key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    """Count one more; raise TooMany beyond the limit."""
    enforce_limits([Limit(key, limit, per)], now=now)


def uncount_hits(limits: Sequence[Limit], *, now: datetime) -> None:
    """Count one less under each limit: `now` is the moment at which it was counted."""
    for one in limits:
        counted = RateBucket.objects.filter(key=one.row, window=one.window(now), count__gt=0)
        counted.update(count=F("count") - 1)


def reserve_turn(
    queue: str, who: str, *, first_after: timedelta, every: timedelta, longest: timedelta, now: datetime
) -> timedelta:
    """Return how long `who` has to wait for a turn in `queue`; zero uses the turn up.

    Who has none is given the next one: `first_after` from now at the earliest, and `every` so long after the
    one before it. It stays theirs until KEEP_TURN after it has come. Raises TooMany when the next turn would
    be later than `longest` from now.
    """
    prefix = f"turn/{queue}/"
    own = f"{prefix}{who}"[:120]
    with transaction.atomic():
        locks.acquire_keyed_lock(KeyedLock.TURN, prefix)
        given = RateBucket.objects.filter(
            key__gte=prefix, key__lt=f"{prefix}\x7f", window__gt=now - TURN_KEPT_FOR
        )
        turns = dict(given.order_by("window").values_list("key", "window"))
        if own not in turns:
            at = max([now + first_after, *(turn + every for turn in turns.values())])
            if at - now > longest:
                raise TooMany
            RateBucket.objects.create(key=own, window=at, count=1)
            return at - now
        wait = turns[own] - now
        if wait <= timedelta(0):
            RateBucket.objects.filter(key=own).delete()
    return max(wait, timedelta(0))


def delete_before(moment: datetime) -> int:
    """Delete windows that ended before `moment`; return how many."""
    deleted, _ = RateBucket.objects.filter(window__lt=moment).delete()
    return deleted
