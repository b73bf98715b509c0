"""What-if trials: asked for, worked on one at a time, resumed where a process ended, kept and shown again.

A bell starts the work in a thread that mostly waits for a process of its own; the sweep rings again for what
no bell has started, and for what was left when its process died.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction

from routing.models import Agent, Trial
from routing.what_if import process, questions
from routing.what_if.problems import MOST_REPETITIONS, make_refusal
from routing.what_if.questions import Scope
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.errors import Invalid
from tickets.platform import tasks_on_commit

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MOST_WAITING = 5
MOST_TRIES = 3
KEPT = 100
TASK = "routing.tasks.try_out"

State = Trial.State
_working = threading.Lock()


def start_trial(
    queues: Sequence[int],
    first: date | None,
    last: date | None,
    variants: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    now: datetime,
    zone: str,
    kind: str = Trial.Kind.RECORDED,
    repetitions: int = 5,
    agents: Iterable[int] | None = None,
) -> Trial:
    """Start a what-if trial; it is simulated in the background.

    `agents` are those who may be named in a variant, by default everybody of the queues. Raises Invalid with
    a sentence for days, variants or a number that will not do, and while too many questions wait.
    """
    days = questions.check_days(first, last, now.astimezone(ZoneInfo(zone)).date())
    if not 2 <= repetitions <= MOST_REPETITIONS:
        raise make_refusal("no_repetitions")
    named = frozenset(agents) if agents is not None else _agents_of(queues)
    scope = Scope(frozenset(queues), named, *questions.span_days(*days, zone, now))
    kept = _checked(variants, scope, kind)
    with transaction.atomic():
        trial = Trial.objects.create(
            kind=kind,
            first_day=days[0],
            last_day=days[1],
            queues=sorted(queues),
            question={"zone": zone, "repetitions": repetitions, "variants": kept},
            runs_wanted=repetitions * len(kept),
            asked_by_id=by.user_id,
            asked_at=now,
        )
        tasks_on_commit.enqueue(TASK)
    return trial


def stop_trial(trial: Trial, *, now: datetime) -> bool:
    """Stop a waiting or running trial; return whether it was either."""
    return bool(
        Trial.objects.unfinished()
        .filter(pk=trial.pk)
        .update(state=State.STOPPED, ended_at=now, leased_until=None)
    )


def start_next_trial(now: datetime) -> bool:
    """Start a thread for the next waiting trial, unless a trial runs anywhere; return whether it did."""
    if not _claimable(now):
        return False
    if _working.locked():
        return False
    threading.Thread(target=_work_off, name="what-if", daemon=True).start()
    return True


def enqueue_unfinished_trials(now: datetime) -> None:
    """Start the task again for trials that wait or stopped, in case its first message was lost."""
    if _claimable(now):
        tasks_on_commit.enqueue(TASK)


def run_next_trial(now: datetime) -> Trial | None:
    """Claim and run one trial in this thread; return it, or None if none waits."""
    trial = _claim(now)
    if trial is not None:
        _work(trial)
    return trial


def delete_old_trials(now: datetime) -> int:
    """Delete all but the newest hundred trials."""
    newest = Trial.objects.order_by("-id").values("pk")[:KEPT]
    return Trial.objects.exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()[0]


def _checked(variants: Sequence[Mapping[str, Any]], scope: Scope, kind: str) -> list[dict[str, Any]]:
    if not scope.queues:
        raise make_refusal("no_queues")
    kept = questions.check_variants(variants, scope)
    if kind == Trial.Kind.BUSY and any(variant["kind"] in ("without", "slot") for variant in kept):
        raise make_refusal("invented")
    if Trial.objects.unfinished().count() >= MOST_WAITING:
        raise make_refusal("too_many_waiting")
    return kept


def _work_off() -> None:
    if not _working.acquire(blocking=False):
        return
    try:
        while run_next_trial(database_now()) is not None:
            pass
    except Exception:
        logger.exception("what-if trial failed")
    finally:
        _working.release()
        connection.close()


def _claimable(now: datetime) -> bool:
    running = Trial.objects.filter(state=State.RUNNING)
    if running.exists():
        return running.filter(leased_until__lt=now).exists()
    return Trial.objects.filter(state=State.WAITING).exists()


def _claim(now: datetime) -> Trial | None:
    """Claim the trial whose process died, or else the oldest waiting one; None while another one runs."""
    dead = Trial.objects.filter(state=State.RUNNING, leased_until__lt=now).first()
    if dead is not None:
        return _taken(dead, now, leased_until=dead.leased_until)
    oldest = Trial.objects.filter(state=State.WAITING).order_by("pk").first()
    if oldest is None or Trial.objects.filter(state=State.RUNNING).exists():
        return None
    try:
        with transaction.atomic():
            return _taken(oldest, now, leased_until=None)
    except IntegrityError:  # another one has begun meanwhile
        return None


def _taken(trial: Trial, now: datetime, *, leased_until: datetime | None) -> Trial | None:
    mine = Trial.objects.filter(pk=trial.pk, state=trial.state, leased_until=leased_until)
    fields: dict[str, Any] = {"leased_until": now + LEASE, "tries": trial.tries + 1}
    if trial.started_at is None:
        fields["started_at"] = now
    if not mine.update(state=State.RUNNING, **fields):
        return None
    trial.refresh_from_db()
    return trial


def _work(trial: Trial) -> None:
    """Run a trial. Any failure ends it with a code, from which the page makes a sentence."""
    try:
        if trial.tries > MOST_TRIES:
            raise make_refusal("interrupted")
        task, assumed = questions.build_task(trial)
        table = process.run_in_process(task, lambda line: _keep(trial, line), alive=lambda: _is_mine(trial))
    except Invalid as error:
        _end(trial, State.FAILED, problem=error.code)
    except process.Stopped:
        return
    except Exception:
        logger.exception("what-if trial failed")
        _end(trial, State.FAILED, problem="broken")
    else:
        _end(trial, State.DONE, result={"table": table, "assumed": assumed})


def _keep(trial: Trial, line: dict[str, Any]) -> None:
    trial.runs.append(line)
    Trial.objects.filter(pk=trial.pk, state=State.RUNNING, tries=trial.tries).update(runs=trial.runs)


def _is_mine(trial: Trial) -> bool:
    """Renew the lease; False when somebody stopped the trial or took it over."""
    lease = database_now() + LEASE
    mine = Trial.objects.filter(pk=trial.pk, state=State.RUNNING, tries=trial.tries)
    return bool(mine.update(leased_until=lease))


def _end(trial: Trial, state: str, **fields: Any) -> None:
    mine = Trial.objects.filter(pk=trial.pk, state=State.RUNNING, tries=trial.tries)
    mine.update(state=state, ended_at=database_now(), leased_until=None, **fields)


def _agents_of(queues: Sequence[int]) -> frozenset[int]:
    return frozenset(Agent.objects.filter(user__memberships__queue__in=queues).values_list("pk", flat=True))
