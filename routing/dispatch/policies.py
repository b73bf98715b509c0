"""Versions of the routing policy: create, preview, activate, roll back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from routing import engine
from routing.models import Policy
from routing.replay import recordings
from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid

PASSES = 200


@dataclass(frozen=True)
class Outcome:
    """A policy's totals over the same passes: items assigned, still waiting, assigned to a known agent."""

    given: int
    waiting: int
    known: int
    elders: int
    people: int


@dataclass(frozen=True)
class Preview:
    """The last passes, decided by the active policy (`now`) and by another one (`then`)."""

    passes: int
    now: Outcome
    then: Outcome
    changed: int
    first_at: datetime | None
    last_at: datetime | None


def create_policy(parameters: dict[str, Any], *, by: Actor, now: datetime, note: str = "") -> Policy:
    """Create a new, inactive version. Raises Invalid with a sentence that names the wrong parameter."""
    try:
        engine.Policy.of(0, parameters)
    except ValueError as error:
        raise Invalid(str(error), code="bad_parameters") from error
    with transaction.atomic():
        note = note.strip()[:300]
        policy = Policy.objects.create(version=next_version(), parameters=parameters, note=note)
        data = {"model": Policy._meta.label, "id": str(policy.pk), "fields": sorted(parameters)}
        events.record("config.changed", by=by, at=now, data=data)
    return policy


def next_version() -> int:
    """Return the number that the next version will have."""
    return (Policy.objects.aggregate(newest=Max("version"))["newest"] or 0) + 1


def roll_back(*, by: Actor, now: datetime) -> Policy:
    """Activate the previously active version again. Raises Invalid when there is none."""
    before = Policy.before()
    if before is None:
        raise Invalid(_("No earlier version was ever active."), code="nothing_before")
    before.put_in_force(by=by, now=now)
    return before


def preview_policy(policy: engine.Policy, *, passes: int = PASSES) -> Preview:
    """Replay the last recorded passes with the active policy and with `policy`, and compare the outcomes."""
    counts: dict[str, Counter[str]] = {"now": Counter(), "then": Counter()}
    people: dict[str, set[int]] = {"now": set(), "then": set()}
    changed, moments = 0, []
    current = Policy.in_force()
    for scene in recordings.load_latest_scenes(passes):
        moments.append(scene.now)
        today, other = scene.decide(current), scene.decide(policy)
        for name, decisions in (("now", today), ("then", other)):
            _count(decisions, scene, counts[name], people[name])
        changed += sum(today[item].agent != other[item].agent for item in today)
    outcomes = {name: _outcome(counts[name], people[name]) for name in counts}
    ends = (_moment(min(moments)), _moment(max(moments))) if moments else (None, None)
    return Preview(len(moments), outcomes["now"], outcomes["then"], changed, *ends)


def _count(
    decisions: dict[int, engine.Decision], scene: recordings.Scene, counts: Counter[str], people: set[int]
) -> None:
    known = {item.id: {relation.agent for relation in item.known} for item in scene.items}
    for item, decision in decisions.items():
        if decision.agent is None:
            counts["waiting"] += 1
            continue
        counts["given"] += 1
        counts["known"] += decision.agent in known[item]
        counts["elders"] += any(rule.code == engine.RuleCode.ELDER for rule in decision.rules)
        people.add(decision.agent)


def _outcome(counts: Counter[str], people: set[int]) -> Outcome:
    return Outcome(counts["given"], counts["waiting"], counts["known"], counts["elders"], len(people))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
