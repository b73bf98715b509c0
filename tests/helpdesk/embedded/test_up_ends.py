"""`make run` ends cleanly, says in words why it cannot start, and starts again after everything."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.embedded.place import find_place
from helpdesk.embedded.postgres import Server
from helpdesk.runtime.environment import REPOSITORY
from tests.helpdesk.embedded.program import Program, own_environment, run
from tests.helpdesk.embedded.test_postgres import wait_for
from tests.helpdesk.embedded.test_up import COUNT, heartbeats, server_of


def test_sigterm_ends_it_cleanly(tandem: Program):
    tandem.start()
    assert tandem.end(signal.SIGTERM) == 0
    assert "Tandem is stopping" in tandem.output
    assert server_of(tandem).pid is None


def test_it_ends_on_ctrl_c_even_when_started_with_sigint_ignored(tandem: Program):
    tandem.start(preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert tandem.end(signal.SIGINT) == 0
    assert server_of(tandem).pid is None
    assert "Traceback" not in tandem.output


def test_it_starts_again_after_everything_was_killed(tandem: Program):
    tandem.start()
    before = heartbeats(tandem)
    postmaster = server_of(tandem).pid
    assert postmaster
    tandem.kill()
    os.kill(postmaster, signal.SIGKILL)
    tandem.start()
    assert tandem.get("/accounts/login/")[0] == 200
    assert before <= heartbeats(tandem)


def test_a_taken_port_is_said_in_words(installation: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        tried = run(installation, "up", PORT=str(taken.getsockname()[1]))
    assert tried.returncode == 1
    assert "is taken" in tried.stderr
    assert "make run PORT=" in tried.stderr
    assert "Traceback" not in tried.stderr
    assert Server(find_place(installation)).pid is None


def test_a_command_without_make_run_prepares_its_own_database(data: Path):
    done = run(data, "shell", "-c", COUNT)
    assert done.stdout.splitlines()[-1] == "0", done.stderr
    assert Server(find_place(data)).pid is None


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_can_be_ended_while_it_is_starting(data: Path, name: str):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=REPOSITORY,
        env=own_environment(TANDEM_DATA=str(data), TANDEM_DEMO="0", PORT="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for((data / "run" / "postgres.json").exists, "PostgreSQL runs")
    process.send_signal(getattr(signal, name))
    assert process.wait(60) == 0
    assert Server(find_place(data)).pid is None
