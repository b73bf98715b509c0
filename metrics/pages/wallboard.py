"""The wallboard: one snapshot of all queues every two seconds, shared by all viewers and processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from metrics.asking.figure import Share
from metrics.models import WallSnapshot
from metrics.sql.statements import read_statement
from tickets.models import Queue
from tickets.platform import locks
from tickets.platform.locks import Lock
from tickets.platform.sql import load_rows
from tickets.promises import promises

FRESH = timedelta(seconds=2)
STALE = timedelta(seconds=10)
SAMPLE = timedelta(seconds=60)
CHANGE_OVER = timedelta(minutes=15)


class QueueCounts(NamedTuple):
    """What the statement gives of each queue; the same as in `QueueNow`, which adds the expected wait."""

    queue: int
    waiting: int
    since: datetime | None
    nobody: int
    late: int
    at_risk: int
    kept: int
    due: int
    there: int
    planned: int
    busy: float | None


@dataclass(frozen=True)
class QueueNow:
    """One queue at the moment of the picture."""

    queue: int
    waiting: int
    since: datetime | None  # when the one who waits longest began to wait
    nobody: int  # of those waiting, how many are with no person yet
    late: int  # of those waiting, how many wait past what they were promised
    at_risk: int  # promises that fall due within 30 minutes
    kept: int  # of `due`, the promises of the last hour
    due: int
    there: int
    planned: int
    busy: float | None  # share of the places of those there that is taken
    expected: tuple[datetime, datetime] | None

    @property
    def is_behind(self) -> bool:
        return self.late > 0

    @property
    def is_deserted(self) -> bool:
        """Somebody's promise is late or near its end, and nobody is there."""
        return bool(self.waiting and not self.there and (self.late or self.at_risk))

    @property
    def trouble(self) -> tuple[int, int, float]:
        """What to sort by: broken words first, then threatened ones, then the longest wait."""
        return (-self.late, -self.at_risk, self.since.timestamp() if self.since else float("inf"))


@dataclass(frozen=True)
class Wall:
    """The picture as one viewer may see it."""

    at: datetime
    queues: tuple[QueueNow, ...]
    change: int | None  # of those waiting, over the last 15 minutes

    @property
    def waiting(self) -> int:
        return sum(q.waiting for q in self.queues)

    @property
    def since(self) -> datetime | None:
        return min((q.since for q in self.queues if q.since), default=None)

    @property
    def late(self) -> int:
        return sum(q.late for q in self.queues)

    @property
    def at_risk(self) -> int:
        return sum(q.at_risk for q in self.queues)

    @property
    def kept(self) -> Share:
        return Share(sum(q.kept for q in self.queues), sum(q.due for q in self.queues))

    def is_stale(self, *, now: datetime) -> bool:
        """Tell whether the picture is too old to act on."""
        return now - self.at > STALE


def load_snapshot(*, now: datetime) -> WallSnapshot:
    """Return the current snapshot; take a new one if the last is older than two seconds.

    While another process takes one, return the last.
    """
    last = WallSnapshot.objects.filter(pk=1).first()
    if last is not None and timedelta(0) <= now - last.at < FRESH:
        return last
    with transaction.atomic():
        if not locks.try_lock(Lock.WALLBOARD) and last is not None:
            return last
        data = _take(last, now=now)
        snapshot, _made = WallSnapshot.objects.update_or_create(pk=1, defaults={"at": now, "data": data})
    return snapshot


def cut_to_queues(snapshot: WallSnapshot, queues: Iterable[int]) -> Wall:
    """Return the snapshot limited to some queues, those in trouble first."""
    wanted = set(queues)
    visible = [_queue(values) for values in snapshot.data["queues"] if values["queue"] in wanted]
    visible.sort(key=lambda q: q.trouble)
    return Wall(snapshot.at, tuple(visible), _change(snapshot, visible))


def _take(last: WallSnapshot | None, *, now: datetime) -> dict[str, Any]:
    """Take a snapshot. The expected waits, which change slowly, are computed once a minute."""
    before: Mapping[str, Any] = last.data if last is not None else {}
    queues = [row._asdict() for row in load_rows(QueueCounts, read_statement("wall"), {"now": now})]
    is_due = not before or now - datetime.fromisoformat(before["sampled_at"]) >= SAMPLE
    expected = _expected(now) if is_due else before["expected"]
    for values in queues:
        values["since"] = values["since"].isoformat() if values["since"] else None
        values["expected"] = expected.get(str(values["queue"]))
    history = list(before.get("history", []))
    if is_due:
        waiting = {str(values["queue"]): values["waiting"] for values in queues}
        oldest = now - CHANGE_OVER - 2 * SAMPLE
        history = [s for s in history if datetime.fromisoformat(s[0]) >= oldest] + [
            [now.isoformat(), waiting]
        ]
    sampled_at = now.isoformat() if is_due else before["sampled_at"]
    return {"queues": queues, "expected": expected, "history": history, "sampled_at": sampled_at}


def _expected(now: datetime) -> dict[str, list[str]]:
    """Return when somebody who writes now would be answered, by queue."""
    estimates = {}
    for queue in Queue.objects.active().select_related("calendar"):
        estimate = promises.estimate_answer(queue, is_live=False, now=now)
        if estimate is not None:
            estimates[str(queue.pk)] = [estimate.from_at.isoformat(), estimate.until_at.isoformat()]
    return estimates


def _queue(values: Mapping[str, Any]) -> QueueNow:
    moments = {
        "since": datetime.fromisoformat(values["since"]) if values["since"] else None,
        "expected": tuple(map(datetime.fromisoformat, values["expected"])) if values["expected"] else None,
    }
    return QueueNow(**{**values, **moments})


def _change(snapshot: WallSnapshot, queues: Iterable[QueueNow]) -> int | None:
    """Return how many more wait than a quarter of an hour ago; None until that long is known."""
    then = snapshot.at - CHANGE_OVER
    past = [s for s in snapshot.data["history"] if datetime.fromisoformat(s[0]) <= then]
    if not past:
        return None
    before: Mapping[str, int] = past[-1][1]
    return sum(q.waiting - before.get(str(q.queue), 0) for q in queues)
