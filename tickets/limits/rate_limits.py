"""Rate limits in PostgreSQL: they hold for all processes together and survive restarts."""

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

# One statement counts and reads, so that each of several concurrent requests gets a different number. Rows
# are locked in the order of their keys: otherwise two requests with the same keys could deadlock.
UPSERT = """
INSERT INTO tickets_ratebucket (key, "window", count)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::integer[]) ORDER BY 1
ON CONFLICT (key, "window") DO UPDATE SET count = tickets_ratebucket.count + 1
RETURNING key, count
"""


@dataclass(frozen=True)
class Limit:
    """At most `limit` times in each window of length `per`, counted under `key`."""

    key: str
    limit: int
    per: timedelta

    @property
    def key_in_table(self) -> str:
        """The key of the row that counts it: `key` with the window's length, at most 120 characters."""
        return f"{self.key}/{int(self.per.total_seconds())}"[:120]

    def window(self, now: datetime) -> datetime:
        """Return the beginning of the window that contains `now`."""
        seconds = self.per.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=now.tzinfo)


TURN_KEPT_FOR = timedelta(minutes=10)


def count_and_check(key: str, *, limit: int, per: timedelta, now: datetime) -> bool:
    """Count one hit; return whether the count is still within `limit` in the window of length `per`."""
    return not count_and_find_exceeded([Limit(key, limit, per)], now=now)


def count_and_find_exceeded(limits: Sequence[Limit], *, now: datetime) -> list[Limit]:
    """Count one hit for each limit, in one statement; return the limits that are exceeded."""
    with connection.cursor() as cursor:
        keys, windows = [limit.key_in_table for limit in limits], [limit.window(now) for limit in limits]
        cursor.execute(UPSERT, [keys, windows, [1] * len(limits)])
        counts = dict(cursor.fetchall())
    return [limit for limit in limits if counts[limit.key_in_table] > limit.limit]


def enforce_limits(limits: Sequence[Limit], *, now: datetime) -> None:
    """Count one hit for each limit; raise TooMany if one is exceeded.

    The limits after that one are not counted: a client that is refused by its own limit cannot use up a
    limit that it shares with others.
    """
    with transaction.atomic():  # the counts are locked, so nobody sees those that are undone
        exceeded = count_and_find_exceeded(limits, now=now)
        if exceeded:
            uncount_hits(limits[limits.index(exceeded[0]) + 1 :], now=now)
    if exceeded:  # raised after the commit, so that the count of the refused attempt stays
        raise TooMany


def block_key(key: str, *, until: datetime) -> None:
    """Block a key until a moment, for all processes."""
    ends = RateBucket(key=f"{key}/until"[:120], window=until, count=1)
    RateBucket.objects.bulk_create([ends], ignore_conflicts=True)


def is_blocked(key: str, *, now: datetime) -> bool:
    """Tell whether a key is blocked at `now`."""
    return find_block_end(key, now=now) is not None


def find_block_end(key: str, *, now: datetime) -> datetime | None:
    """Return the moment until which a key is blocked, or None if it is not."""
    ends = RateBucket.objects.filter(key=f"{key}/until"[:120], window__gt=now)
    return ends.order_by("-window").values_list("window", flat=True).first()


def enforce_limit(key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    """Count one hit; raise TooMany if that exceeds the limit."""
    enforce_limits([Limit(key, limit, per)], now=now)


def uncount_hits(limits: Sequence[Limit], *, now: datetime) -> None:
    """Undo one hit for each limit; `now` is the moment at which it was counted."""
    for limit in limits:
        counted = RateBucket.objects.filter(key=limit.key_in_table, window=limit.window(now), count__gt=0)
        counted.update(count=F("count") - 1)


def reserve_turn(
    queue: str, who: str, *, first_after: timedelta, every: timedelta, longest: timedelta, now: datetime
) -> timedelta:
    """Return how long `who` must wait for their turn in `queue`; a wait of zero uses the turn.

    Somebody without a turn gets the next free one: at least `first_after` from now, and at least `every`
    after the turn before it. An unused turn expires TURN_KEPT_FOR after its moment. A lock on the queue's
    name ensures that two processes do not assign the same moment.

    Raises:
        TooMany: the next turn would be later than `longest` from now.
    """
    prefix = f"turn/{queue}/"
    own = f"{prefix}{who}"[:120]
    with transaction.atomic():
        locks.acquire_keyed_lock(KeyedLock.TURN, prefix)
        assigned = RateBucket.objects.filter(
            key__gte=prefix, key__lt=f"{prefix}\x7f", window__gt=now - TURN_KEPT_FOR
        )
        turns = dict(assigned.order_by("window").values_list("key", "window"))
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
