"""`make stack`: the distributed processes behind nginx; any of them can be killed at any time."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.embedded.place import find_place
from helpdesk.embedded.postgres import Server
from helpdesk.runtime.environment import REPOSITORY
from helpdesk.runtime.processes import PROCESSES
from tests.helpdesk.embedded.conftest import remove
from tests.helpdesk.embedded.program import Program
from tests.helpdesk.embedded.test_postgres import wait_for
from tests.helpdesk.embedded.test_up import heartbeats
from tests.plugins.database import prepare_installation, skip_or_fail
from tests.plugins.servers import free_port


def demand_programs() -> None:
    """Skip (or fail, where CI=true) without the programs that the stack starts."""
    if not shutil.which("redis-server") or not shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
        skip_or_fail("redis-server and nginx are not both installed (apt install redis-server nginx)")


@pytest.fixture(scope="module")
def stack() -> Iterator[Program]:
    """Give a running `manage.py stack`."""
    demand_programs()
    data = Path(tempfile.mkdtemp(prefix="tandem-stack-"))
    data.chmod(0o711)
    prepare_installation(data)
    program = Program(data, free_port(), "stack").start()
    yield program
    if program.process and program.process.poll() is None:
        program.end(signal.SIGTERM)
    remove(data)


def pids(stack: Program) -> dict[str, int]:
    found: dict[str, int] = json.loads((stack.data / "run" / "stack.json").read_text())
    return found


def kill(stack: Program, name: str) -> None:
    """Kill one process and wait until another one has taken its place."""
    killed = pids(stack)[name]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: pids(stack).get(name, killed) != killed, f"{name} is started again")


def works(stack: Program) -> bool:
    return stack.get("/accounts/login/")[0] == 200


def test_every_process_of_the_table_runs_and_pages_come_through_nginx(stack: Program):
    assert set(pids(stack)) == {"redis", "nginx"} | {process.name for process in PROCESSES}
    status, page = stack.get("/accounts/login/")
    assert status == 200
    stylesheet = page.split('rel="stylesheet" href="', 1)[1].split('"', 1)[0]
    assert stack.get(stylesheet)[0] == 200


def test_a_strangers_readyz_through_nginx_tells_no_details(stack: Program):
    said = stack.get("/readyz", **{"X-Forwarded-For": "203.0.113.9"})[1]
    assert json.loads(said) == {"status": "ready"}


def test_beat_redis_and_all_workers_are_at_work(stack: Program):
    wanted = {beat for process in PROCESSES for beat in process.beats}
    wait_for(lambda: wanted <= heartbeats(stack), "every process has given a sign of life")


def test_a_websocket_reaches_the_sockets_process(stack: Program):
    lines = [
        "GET /ws/desk/ HTTP/1.1",
        f"Host: 127.0.0.1:{stack.port}",
        f"Origin: http://127.0.0.1:{stack.port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    with socket.create_connection(("127.0.0.1", stack.port), 30) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = connection.recv(4096).decode()
    # Django would answer 404 with a page; the consumer refuses somebody who is not signed in.
    assert answer.startswith("HTTP/1.1 403")


def test_nginx_ends_a_dripping_head_and_serves_pages_meanwhile(stack: Program):
    with socket.create_connection(("127.0.0.1", stack.port), 30) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        began = time.monotonic()
        while not select.select([slow], [], [], 1)[0]:
            slow.sendall(b"x")
            assert works(stack)
            assert time.monotonic() - began < 25


def probe(stack: Program, *arguments: str) -> int:
    url = find_place(stack.data).url("tandem_app")
    environment = {**stack.environment, "DATABASE_URL": url}
    command = [sys.executable, "bin/probe", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, check=False
    ).returncode


def test_the_containers_health_checks_know_well_from_ill(stack: Program):
    wait_for(lambda: probe(stack, "heartbeat", "worker-intake") == 0, "the worker's heartbeat is fresh")
    assert probe(stack, "http", str(stack.port), "/healthz") == 0
    assert probe(stack, "greeting", stack.environment["SMTP_PORT"]) == 0
    assert probe(stack, "heartbeat", "worker-nowhere") != 0
    assert probe(stack, "http", str(free_port()), "/healthz") != 0


@pytest.mark.parametrize("name", ["sweep", "nginx", "web"])
def test_a_killed_process_is_replaced_and_pages_work_again(stack: Program, name: str):
    kill(stack, name)
    wait_for(lambda: _quietly(stack), "pages are served again")


def test_pages_work_while_redis_hangs(stack: Program):
    redis = pids(stack)["redis"]
    os.kill(redis, signal.SIGSTOP)
    try:
        assert works(stack)
    finally:
        os.kill(redis, signal.SIGCONT)


def test_everything_ends_on_sigterm(stack: Program):
    before = pids(stack)
    assert stack.end(signal.SIGTERM) == 0
    assert [name for name, pid in before.items() if Path(f"/proc/{pid}").exists()] == []
    assert Server(find_place(stack.data)).pid is None


def _quietly(stack: Program) -> bool:
    try:
        return works(stack)
    except OSError:
        return False
