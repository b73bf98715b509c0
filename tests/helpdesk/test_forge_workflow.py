"""The workflow for a public forge runs what decides here, and nothing that somebody else may change."""

import re
from pathlib import Path

import yaml

from helpdesk.runtime.environment import REPOSITORY

WORKFLOWS = REPOSITORY / ".github" / "workflows"


def steps(path: Path) -> list[dict[str, str]]:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_the_forge_runs_the_same_as_anybody():
    assert ".ci/run" in [step.get("run") for step in steps(WORKFLOWS / "ci.yml")]


def test_actions_of_others_are_pinned_by_their_commit():
    used = [step["uses"] for path in WORKFLOWS.glob("*.yml") for step in steps(path) if "uses" in step]
    assert [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)] == []
