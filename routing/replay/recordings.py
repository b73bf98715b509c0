"""What the router saw when it decided, kept so that any past decision can be played again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from routing import engine
from routing.models import Decision, Recording
from tickets.platform.sql import execute_update

if TYPE_CHECKING:
    from routing.dispatch.snapshot import Snapshot  # it loads NumPy, which pages do not need

DECIDE = "routing.engine.deciding.decide"  # loaded when something is played: pages need no NumPy otherwise
PACK = "routing.replay.recording_format.pack_recording"
UNPACK = "routing.replay.recording_format.unpack_recording"
KEPT = timedelta(days=90)

KEEP = """
INSERT INTO routing_recording (at, shard, policy_version, policy_hash, body)
VALUES (%(at)s, %(shard)s, %(version)s, %(hash)s, %(body)s) ON CONFLICT DO NOTHING
"""


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
    """A replayed decision and the recorded one."""

    decision: engine.Decision
    is_same: bool


def keep_recording(picture: Snapshot, now: datetime) -> None:
    """Store a pass's snapshot; called after its commit, so that no work waits for it."""
    policy = picture.policy
    body = import_string(PACK)(picture.items, picture.team, policy)
    fields = {"at": now, "shard": picture.shard, "version": policy.version, "hash": policy.hash, "body": body}
    execute_update(KEEP, fields)


def unpack_scene(recording: Recording) -> Scene:
    """Return the contents of a recording as the engine's values."""
    items, team, policy = import_string(UNPACK)(bytes(recording.body))
    return Scene(items, team, policy, recording.at.timestamp())


def load_recording(decision: Decision) -> Scene | None:
    """Return the snapshot of the pass that made a decision, if it is still stored."""
    if decision.how != Decision.How.ENGINE:
        return None
    scenes = (
        unpack_scene(recording) for recording in Recording.objects.filter(at=decision.at).order_by("shard")
    )
    for scene in scenes:
        if any(item.id == decision.item_id for item in scene.items):
            return scene
    return None


def replay_decision(decision: Decision) -> Replay | None:
    """Replay a decision with the snapshot of its pass; None if that is no longer stored.

    It is the same when the same person comes out, with the same score to a tenth of a second.
    """
    seen = load_recording(decision)
    if seen is None:
        return None
    again = seen.decide()[decision.item_id]
    before, now = decision.data.get("winner"), again.as_data()["winner"]
    same = (before or {}).get("agent") == (now or {}).get("agent") and _total(before) == _total(now)
    return Replay(again, same)


def load_latest_scenes(count: int) -> Iterable[Scene]:
    """Give the scenes of the last passes, newest first."""
    for recording in Recording.objects.order_by("-at")[:count].iterator(chunk_size=20):
        yield unpack_scene(recording)


def delete_old_recordings(now: datetime) -> int:
    """Delete recordings older than ninety days; the decisions and their reasons stay."""
    return Recording.objects.filter(at__lt=now - KEPT).delete()[0]


def _total(candidate: dict[str, Any] | None) -> float | None:
    return candidate["total"] if candidate else None
