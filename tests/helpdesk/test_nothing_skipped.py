"""Where CI=true, a run in which a test was skipped has failed; a stranger's clone has one excuse."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.runtime.environment import REPOSITORY

MISSING_SERVER = """
import pytest
def test_server():
    pytest.skip("redis-server is not installed")
"""
MISSING_COLLECTION = """
from tests.plugins.corpora import needs_collection
@needs_collection("no/such/file")
def test_collection():
    raise AssertionError
"""


@pytest.mark.parametrize(
    ("source", "ci", "status"),
    [
        (MISSING_SERVER, "true", pytest.ExitCode.TESTS_FAILED),
        (MISSING_SERVER, "", pytest.ExitCode.OK),
        (MISSING_COLLECTION, "true", pytest.ExitCode.OK),
    ],
    ids=["server on CI", "server elsewhere", "collection on CI"],
)
def test_what_a_skipped_test_does_to_the_run(tmp_path: Path, source: str, ci: str, status: pytest.ExitCode):
    (tmp_path / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-c", os.devnull, "--rootdir", str(tmp_path)]
    plugins = ["-p", "tests.plugins.nothing_skipped", "-p", "no:django", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *plugins, str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "SKIPPED" in done.stdout
