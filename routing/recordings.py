"""What the router saw when it decided, kept so that any past decision can be played again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from django.utils.module_loading import import_string

from routing import engine
from routing.models import Decision, Recording

if TYPE_CHECKING:
    from routing.snapshot import Snapshot  # it loads NumPy, which pages do not need

DECIDE = "routing.engine.deciding.decide"  # loaded when something is played: pages need no NumPy otherwise
TEAM = "routing.engine.team.Team"
INTS, FLOATS, BOOLS = (f"routing.engine.team.{name}" for name in ("ints", "floats", "bools"))
KEPT = timedelta(days=90)
QUICKLY = 1  # zlib's level: a pass must not wait for the last percent


@dataclass(frozen=True)
class Scene:
    """All that one pass decided on."""

    items: list[engine.WorkItem]
    team: Any
    policy: engine.Policy
    now: float

    def decide(self, policy: engine.Policy | None = None) -> dict[int, engine.Decision]:
        """Decide again, by the same parameters or by others; return the decisions by item."""
        decide = import_string(DECIDE)
        made = decide(self.items, self.team, policy or self.policy, self.now)
        return {decision.item: decision for decision in made}


@dataclass(frozen=True)
class Replay:
    """A decision played again beside what is on record."""

    decision: engine.Decision
    is_same: bool


def keep(picture: Snapshot, now: datetime) -> None:
    """Keep what a pass saw; called after its commit, so that nobody waits for it."""
    policy = picture.policy
    told = {
        "items": [_plain(item) for item in picture.items],
        "team": _columns(picture.team),
        "policy": _plain(policy),
    }
    body = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), QUICKLY)
    record = Recording(at=now, policy_version=policy.version, policy_hash=policy.hash, body=body)
    Recording.objects.bulk_create([record], ignore_conflicts=True)


def scene(recording: Recording) -> Scene:
    """Return what a recording holds as the engine's values."""
    told = json.loads(zlib.decompress(bytes(recording.body)))
    return Scene(
        items=[_made(engine.WorkItem, values) for values in told["items"]],
        team=_team(told["team"]),
        policy=_made(engine.Policy, told["policy"]),
        now=recording.at.timestamp(),
    )


def of(decision: Decision) -> Recording | None:
    """Return the recording of the pass that made a decision, if it is still kept."""
    return Recording.objects.filter(at=decision.at).first() if decision.how == Decision.How.ENGINE else None


def replay(decision: Decision) -> Replay | None:
    """Play a decision again with what the router saw then; None where that is not kept any more.

    It is the same when the same person comes out, with the same score to a tenth of a second.
    """
    recording = of(decision)
    if recording is None:
        return None
    again = scene(recording).decide().get(decision.item_id)
    if again is None:
        return None
    before, now = decision.data.get("winner"), again.as_data()["winner"]
    same = (before or {}).get("agent") == (now or {}).get("agent") and _total(before) == _total(now)
    return Replay(again, same)


def latest(count: int) -> Iterable[Scene]:
    """Give the scenes of the last passes, newest first."""
    for recording in Recording.objects.order_by("-at")[:count].iterator(chunk_size=20):
        yield scene(recording)


def forget_old(now: datetime) -> int:
    """Delete recordings older than ninety days; the decisions and their reasons stay."""
    return Recording.objects.filter(at__lt=now - KEPT).delete()[0]


def _total(candidate: dict[str, Any] | None) -> float | None:
    return candidate["total"] if candidate else None


def _columns(team: Any) -> dict[str, Any]:
    """Return the columns of a team as lists, by their names."""
    told = {field.name: getattr(team, field.name) for field in fields(team) if field.name != "lasting"}
    return {name: _listed(column) for name, column in told.items()}


def _listed(column: Any) -> Any:
    if isinstance(column, dict):
        return [[key, part.tolist()] for key, part in column.items()]
    if column is None:
        return None
    return column.tolist() if hasattr(column, "tolist") else list(column)


def _team(told: dict[str, Any]) -> Any:
    """Return the team of columns that were told; it is loaded here, since pages need no NumPy otherwise."""
    team = import_string(TEAM)
    as_array = {"Ints": import_string(INTS), "Floats": import_string(FLOATS), "Bools": import_string(BOOLS)}
    made: dict[str, Any] = {}
    for field in fields(team):
        if field.name not in told:
            continue
        kind, column = str(field.type).removesuffix(" | None"), told[field.name]
        if column is None:
            continue
        if kind.startswith("dict"):
            turn = as_array[kind.rpartition(", ")[2].rstrip("]")]
            made[field.name] = {key: turn(part) for key, part in column}
        else:
            made[field.name] = as_array[kind](column) if kind in as_array else column
    return team(**made)


def _plain(value: Any) -> Any:
    """Return a value as JSON takes it; of frozen values only what differs from the default."""
    if is_dataclass(value) and not isinstance(value, type):
        usual = _defaults(type(value))
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(part) for name, part in told.items() if usual.get(name, ...) != part}
    if isinstance(value, frozenset):
        return sorted((_plain(part) for part in value), key=str)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value


def _made(kind: Any, value: Any) -> Any:
    """Return what `_plain` was made from."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        types = _types(kind)
        return kind(**{name: _made(types[name], part) for name, part in value.items()})
    if origin is UnionType:
        return None if value is None else _made(next(one for one in inner if one is not NoneType), value)
    if origin is frozenset:
        return frozenset(_made(inner[0], part) for part in value)
    if origin is tuple:
        each = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_made(one, part) for one, part in zip(each, value, strict=True))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return kind(value) if kind in (int, float) and not isinstance(value, bool) else value


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _defaults(kind: type) -> dict[str, Any]:
    return {field.name: field.default for field in fields(kind)}
