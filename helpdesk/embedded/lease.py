"""Share one embedded PostgreSQL between `make run` and commands: the first starts it, the last stops it."""

import fcntl
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.place import Place, find_place
from helpdesk.embedded.postgres import Server
from helpdesk.embedded.roles import APPLICATION, OWNER

WATCH_SECONDS = 0.5
RETRY_SECONDS = 5


@contextmanager
def lease_server(data: Path) -> Iterator[Server]:
    """Give a command the running server of the data folder, or start one for as long as anyone uses it."""
    place = find_place(data)
    with _open(place, "users") as users:
        with _starting(place):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _start(place, follow=False)
        try:
            yield server
        finally:
            with _starting(place):
                if _is_last(users):
                    _stop(server)


@contextmanager
def own_server(data: Path) -> Iterator[Server]:
    """Give `make run` the server, which stops with us even while a command uses it and when we are killed.

    Raises EmbeddedError when another `make run` works on the same data.
    """
    place = find_place(data)
    with _open(place, "up") as alone, _open(place, "users") as users:
        _refuse_second(alone, data)
        with _starting(place):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _start(place, follow=True)
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server, stop), name="postgres-watcher", daemon=True)
        try:
            watcher.start()
            yield server
        finally:
            stop.set()
            if watcher.is_alive():
                watcher.join()
            with _starting(place):
                _stop(server)


def addresses_file(data: Path) -> Path:
    """Return the file that tells settings and commands where the running server is."""
    return data / "run" / "postgres.json"


def _start(place: Place, *, follow: bool) -> Server:
    server = Server(place, follow=follow)
    server.start()
    path = addresses_file(place.data)
    addresses = {"app": place.url(APPLICATION), "owner": place.url(OWNER), "pid": server.pid}
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(addresses))
    unfinished.replace(path)
    return server


def _stop(server: Server) -> None:
    addresses_file(server.place.data).unlink(missing_ok=True)
    server.stop()


def _watch(server: Server, stop: threading.Event) -> None:
    """Start the server again whenever it has died alone; its log tells why it did."""
    while not stop.wait(WATCH_SECONDS):
        if server.pid is not None:
            continue
        print(f"PostgreSQL has died and is started again; see {server.place.log}.", file=sys.stderr)
        try:
            server.start()
        except EmbeddedError as error:
            print(error, file=sys.stderr)
            stop.wait(RETRY_SECONDS)


@contextmanager
def _starting(place: Place) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    with _open(place, "starting") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open(place: Place, name: str) -> IO[str]:
    folder = place.data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.lock").open("a+")


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_second(alone: IO[str], data: Path) -> None:
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        alone.seek(0)
        raise EmbeddedError(
            f"Tandem already runs on {data} (process {alone.read().strip() or 'unknown'}). "
            "Stop it first, or set TANDEM_DATA and PORT to run another one beside it."
        ) from None
    alone.truncate(0)
    alone.write(str(os.getpid()))
    alone.flush()
