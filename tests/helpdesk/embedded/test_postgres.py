"""The embedded PostgreSQL starts again after everything that can happen to it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.lease import addresses_file, lease_server, own_server
from helpdesk.embedded.place import find_place
from helpdesk.embedded.postgres import Server
from helpdesk.runtime.environment import REPOSITORY
from tests.helpdesk.embedded.conftest import remove

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has to run the server as another user")
on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child that its parent has died"
)

HOLD = """
import pathlib, sys, time
from helpdesk.embedded.lease import {kind}
with {kind}(pathlib.Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"not within 60 s: {what}"
        time.sleep(0.02)


def holder(data: Path, kind: str) -> tuple[subprocess.Popen[str], int]:
    """Start another process that holds the server, and return it with the postmaster's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(kind=kind), str(data)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def write(server: Server, text: str) -> None:
    with psycopg.connect(server.place.url("tandem_owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [text])


def read(server: Server) -> list[str]:
    with psycopg.connect(server.place.url("tandem_owner")) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM notes ORDER BY 1")]


def test_what_was_written_is_there_after_a_second_start(data: Path):
    with lease_server(data) as server:
        write(server, "first")
    with lease_server(data) as server:
        assert read(server) == ["first"]


def test_accents_match_even_when_the_shell_speaks_c(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANG", "C")
    with lease_server(data) as server, psycopg.connect(server.place.url("tandem_app")) as connection:
        assert connection.execute("SELECT lower('É'), 'É' ILIKE 'é'").fetchone() == ("é", True)
        locale = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        )
        assert locale.fetchone() == ("b", "C.UTF-8")


def test_the_last_of_two_commands_stops_the_server(data: Path):
    first = contextlib.ExitStack()
    server = first.enter_context(lease_server(data))
    with lease_server(data) as second:
        assert second.pid == server.pid
        first.close()
        assert second.pid is not None
        assert addresses_file(data).exists()
    assert server.pid is None
    assert not addresses_file(data).exists()


def test_two_that_start_at_once_share_one_server(data: Path):
    pids, together = [], threading.Barrier(4)

    def start() -> None:
        with lease_server(data) as server:
            pids.append(server.pid)
            together.wait(60)

    starters = [threading.Thread(target=start) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(pids) == 4
    assert len(set(pids)) == 1


def test_a_second_make_run_on_the_same_data_is_refused_in_words(data: Path):
    with own_server(data), pytest.raises(EmbeddedError, match="already runs on"), own_server(data):
        pass


@on_linux
def test_the_server_stops_when_make_run_is_killed(data: Path):
    process, pid = holder(data, "own_server")
    process.kill()
    process.wait()
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), "PostgreSQL ends after its starter was killed")
    with lease_server(data) as server:
        assert server.pid != pid


def test_the_server_a_killed_command_left_is_used_and_then_stopped(data: Path):
    process, pid = holder(data, "lease_server")
    process.kill()
    process.wait()
    with own_server(data) as server:
        assert server.pid == pid
    assert server.pid is None


def test_a_server_that_dies_alone_is_started_again(data: Path):
    with own_server(data) as server:
        write(server, "before")
        died = server.pid
        assert died
        os.kill(died, signal.SIGKILL)
        wait_for(lambda: server.pid not in (None, died), "PostgreSQL is started again")
        wait_for(lambda: answers(server), "PostgreSQL answers again")
        assert read(server) == ["before"]


def answers(server: Server) -> bool:
    try:
        psycopg.connect(server.place.url("tandem_app")).close()
    except psycopg.OperationalError:
        return False
    return True


def test_committed_rows_survive_killing_everything_at_once(data: Path):
    process, pid = holder(data, "lease_server")
    write(Server(find_place(data)), "committed")
    process.kill()
    os.kill(pid, signal.SIGKILL)
    process.wait()
    with lease_server(data) as server:
        assert read(server) == ["committed"]


def test_a_stale_pid_file_that_names_another_program_does_no_harm(data: Path):
    with lease_server(data) as server:
        place = server.place
    lines = [
        os.getppid(),
        place.cluster,
        int(time.time()),
        5432,
        place.socket_folder,
        "",
        "  0 0",
        "ready   ",
        "",
    ]
    (place.cluster / "postmaster.pid").write_text("\n".join(map(str, lines)))
    with lease_server(data) as server:
        assert server.pid not in (None, os.getppid())


def test_an_interrupted_first_start_is_begun_again(data: Path):
    place = find_place(data)
    place.private_folder(place.base)
    (place.base / "cluster.unfinished").mkdir()
    (place.base / "cluster.unfinished" / "PG_VERSION").write_text("18\n")
    with lease_server(data) as server:
        assert server.pid


def test_data_of_another_major_version_is_refused_in_words(data: Path):
    with lease_server(data) as server:
        place = server.place
    (place.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"written by PostgreSQL 17.*backup"), lease_server(data):
        pass


def test_a_deep_folder_gets_a_short_socket(data: Path):
    deep = data / ("d" * 60) / ("e" * 60)
    with lease_server(deep) as server:
        assert len(str(server.place.socket_folder)) <= 90
        assert server.place.socket_folder.stat().st_mode & 0o777 == 0o700
    remove(deep)


def test_strangers_cannot_enter_the_sockets_folder(data: Path):
    with lease_server(data) as server:
        assert server.place.socket_folder.stat().st_mode & 0o777 == 0o700
        assert server.place.base.stat().st_mode & 0o777 == 0o700


def test_a_socket_folder_prepared_by_someone_else_is_refused(data: Path):
    place = find_place(data / ("d" * 100))
    place.socket_folder.mkdir()
    place.socket_folder.chmod(0o777)
    with pytest.raises(EmbeddedError, match="belongs to someone else"):
        place.private_folder(place.socket_folder)
    place.socket_folder.rmdir()


@as_root
def test_root_under_a_private_folder_gets_a_place_the_server_can_reach(data: Path):
    private = data / "private"
    private.mkdir(mode=0o700)
    with lease_server(private / "tandem") as server:
        base = server.place.base
        assert base.parent == Path("/var/lib/tandem")
        assert server.place.account
        assert Path(f"/proc/{server.pid}").stat().st_uid == server.place.account.uid != 0
        assert private.stat().st_mode & 0o777 == 0o700
    private.chmod(0o711)  # the place chosen first stays the place
    assert find_place(private / "tandem").base == base
    remove(private / "tandem")
