"""The benchmark of routing goes on from what it has kept."""

import json

from helpdesk.bench.routing import Kept
from routing.simulation.workloads import WORKLOADS

TINY = WORKLOADS["W2"].of_size(3)


def test_a_finished_day_is_not_lived_again(tmp_path):
    path = tmp_path / "kept.jsonl"
    told = Kept(path).day(TINY, "priority", 1)
    key, value = json.loads(path.read_text())
    assert (key[1:3], value) == (["priority", 1], told)
    path.write_text(json.dumps([key, {"voice_in_20_s": 0.5}]) + "\n")
    assert Kept(path).day(TINY, "priority", 1) == {"voice_in_20_s": 0.5}


def test_another_size_is_another_day(tmp_path):
    path = tmp_path / "kept.jsonl"
    kept = Kept(path)
    kept.day(TINY, "priority", 1)
    kept.day(TINY.of_size(4), "priority", 1)
    assert len(path.read_text().splitlines()) == 2
