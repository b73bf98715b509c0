"""`make run`: one command starts everything."""

import os
import signal
import smtplib
import socket
import struct

import psycopg

from helpdesk.embedded.place import find_place
from helpdesk.embedded.postgres import Server
from helpdesk.runtime.processes import QUEUES
from tests.helpdesk.embedded.program import Program, run
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


def test_closed_browser_tabs_give_their_database_connections_back(running: Program):
    request = f"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode()
    for _ in range(60):  # many times the pool of four
        with socket.create_connection(("127.0.0.1", running.port), 30) as tab:
            tab.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            tab.sendall(request)
    assert [running.get("/readyz")[0] for _ in range(8)] == [200] * 8


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
