"""Versions of the routing policy: made, looked at before they count, put in force, rolled back."""

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
    """What a policy makes of the same moments: given, waiting, to people who know the customer."""

    given: int
    waiting: int
    known: int
    elders: int
    people: int

    @property
    def known_share(self) -> float | None:
        return self.known / self.given if self.given else None


@dataclass(frozen=True)
class Preview:
    """The last passes decided by the policy in force and by another one."""

    passes: int
    now: Outcome
    then: Outcome
    changed: int
    first_at: datetime | None
    last_at: datetime | None


def make(parameters: dict[str, Any], *, by: Actor, now: datetime, note: str = "") -> Policy:
    """Write a new version, not yet in force. Raises Invalid with a sentence that names a wrong parameter."""
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
    """Put the version that was in force before back in force. Raises Invalid when there is none."""
    before = Policy.before()
    if before is None:
        raise Invalid(_("No earlier version was ever active."), code="nothing_before")
    before.put_in_force(by=by, now=now)
    return before


def preview(policy: engine.Policy, *, passes: int = PASSES) -> Preview:
    """Decide the last recorded passes again, by the policy in force and by `policy`, and compare."""
    counts: dict[str, Counter[str]] = {"now": Counter(), "then": Counter()}
    people: dict[str, set[int]] = {"now": set(), "then": set()}
    changed, moments = 0, []
    current = Policy.in_force()
    for scene in recordings.latest(passes):
        moments.append(scene.now)
        today, other = scene.decide(current), scene.decide(policy)
        for name, made in (("now", today), ("then", other)):
            _count(made, scene, counts[name], people[name])
        changed += sum(today[item].agent != other[item].agent for item in today)
    found = {name: _outcome(counts[name], people[name]) for name in counts}
    ends = (_moment(min(moments)), _moment(max(moments))) if moments else (None, None)
    return Preview(len(moments), found["now"], found["then"], changed, *ends)


def _count(
    made: dict[int, engine.Decision], scene: recordings.Scene, counts: Counter[str], people: set[int]
) -> None:
    known = {item.id: {one.agent for one in item.known} for item in scene.items}
    for item, decision in made.items():
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
