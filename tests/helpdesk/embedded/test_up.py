"""`make run`: one command starts everything, and it starts again after everything."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from helpdesk.embedded.place import find_place
from helpdesk.embedded.postgres import Server
from helpdesk.environment import REPOSITORY
from helpdesk.processes import QUEUES
from tests.helpdesk.embedded.program import Program, own_environment, run
from tests.helpdesk.embedded.test_postgres import wait_for

COUNT = "from helpdesk.models import Heartbeat; print(Heartbeat.objects.count())"


def server_of(program: Program) -> Server:
    return Server(find_place(program.data))


def heartbeats(program: Program) -> set[str]:
    with psycopg.connect(server_of(program).place.url("tandem_app")) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM helpdesk_heartbeat")}


def test_it_says_where_it_is_and_serves_pages_with_their_static_files(running: Program):
    assert f"Tandem is ready: http://127.0.0.1:{running.port}/" in running.output
    status, page = running.get("/accounts/login/")
    assert status == 200
    stylesheet = page.split('rel="stylesheet" href="', 1)[1].split('"', 1)[0]
    assert running.get(stylesheet)[0] == 200


def test_sweep_beat_and_worker_are_at_work(running: Program):
    wanted = {"sweep", *(f"worker-{queue}" for queue in QUEUES)}
    wait_for(lambda: wanted <= heartbeats(running), "every part has given a sign of life")
    assert "failed" not in running.output  # the application's role may do all that its parts do


def test_mail_is_accepted_on_its_port(running: Program):
    with smtplib.SMTP("127.0.0.1", running.port + 1, timeout=30) as client:
        assert client.ehlo("mail.example")[0] == 250


def test_a_second_one_on_the_same_data_says_so_and_does_no_harm(running: Program):
    second = run(running.data, "up", PORT=str(running.port + 2))
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert "Traceback" not in second.stderr
    assert running.get("/accounts/login/")[0] == 200


def test_commands_use_the_running_server(running: Program):
    postmaster = server_of(running).pid
    done = run(running.data, "shell", "-c", COUNT)
    assert done.returncode == 0, done.stderr
    assert server_of(running).pid == postmaster


def test_requests_work_again_when_only_postgresql_died(running: Program):
    postmaster = server_of(running).pid
    assert postmaster
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: running.get("/readyz")[0] == 200, "the database answers again")
    assert running.process
    assert running.process.poll() is None


def test_sigterm_ends_it_cleanly(running: Program):
    assert running.end(signal.SIGTERM) == 0
    assert "Tandem is stopping" in running.output
    assert server_of(running).pid is None


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
