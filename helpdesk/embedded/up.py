"""Everything in one process beside PostgreSQL: pages, websockets, worker, beat, sweep and mail."""

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import structlog
import uvicorn
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from helpdesk.demo import logins
from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.slow_clients import BOUNDS
from helpdesk.first import setting_up
from helpdesk.runtime.command_line import prepare_if_needed
from helpdesk.runtime.processes import list_threads
from helpdesk.runtime.stopping import was_asked_to_stop
from tickets.clock import database_now

log = structlog.get_logger(__name__)

LONGEST_PAUSE_SECONDS = 30.0
STOP_SECONDS = 60.0
GRACEFUL_SECONDS = 5


def serve(port: int, out: IO[str]) -> None:
    """Serve on 127.0.0.1:`port` until SIGINT or SIGTERM; then finish what runs, and return.

    Raises EmbeddedError when the port is taken.
    """
    listener = _listen(port)
    prepare_installation()
    stop = threading.Event()
    with _threads(stop):
        try:
            _Pages(out, build_greeting(port)).run(sockets=[listener])
        finally:
            print("Tandem is stopping …", file=out, flush=True)


def prepare_installation() -> None:
    """Bring tables and static files up to date, and fill in the demonstration the first time."""
    prepare_if_needed()
    if not settings.DEBUG:  # with debug on, each file is served as it lies in the code
        _collect_static()
    if settings.DEMO and setting_up.is_untouched():
        call_command("load_demo", verbosity=0)
    logins.renew_passwords(now=database_now())


def refuse_taken_port(port: int) -> None:
    """Raise EmbeddedError, in words, when something listens on 127.0.0.1:`port` already."""
    _listen(port).close()


class _Pages(uvicorn.Server):
    """uvicorn in the main thread, which says when it is ready."""

    def __init__(self, out: IO[str], words: str) -> None:
        from helpdesk.asgi import application  # noqa: PLC0415 - reads the collected static files

        super().__init__(
            uvicorn.Config(
                application,
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=GRACEFUL_SECONDS,
                proxy_headers=False,
                **BOUNDS,
            )
        )
        self._out = out
        self._words = words

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if was_asked_to_stop():
            self.should_exit = True
            return
        print(self._words, file=self._out, flush=True)


def build_greeting(port: int) -> str:
    """Return the message when everything is ready, with the setup link if there is no account yet."""
    lines = [f"Tandem is ready: http://127.0.0.1:{port}/"]
    if setting_up.is_open():
        link = setting_up.create_setup_link(now=database_now())
        lines.append(f"Nobody has an account yet. Make the first administrator here, today: {link}")
    elif demo := logins.describe_logins():
        lines.append(demo)
    lines.append(f"Mail is received on {settings.SMTP_BIND}:{settings.SMTP_PORT}. Ctrl-C stops everything.")
    return "\n".join(lines)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise EmbeddedError(
            f"Port {port} on this machine is taken ({error.strerror}). Stop what uses it, or choose another: "
            f"make run PORT={port + 1}"
        ) from None
    return listener


def _collect_static() -> None:
    """Collect the static files unless they are those collected last time."""
    root = Path(settings.STATIC_ROOT)
    seen, wanted = root / ".collected", _static_fingerprint()
    if seen.exists() and seen.read_text() == wanted:
        return
    call_command("collectstatic", interactive=False, clear=False, verbosity=0)
    seen.write_text(wanted)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))  # noqa: PTH116 - storage gives texts
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextmanager
def _threads(stop: threading.Event) -> Iterator[None]:
    """Run the table's threads, and end them when the block ends."""
    running = [
        threading.Thread(target=_keep_running, args=(name, path, stop), name=name, daemon=True)
        for name, path in list_threads()
        if find_spec(path.partition(":")[0])
    ]
    try:
        for thread in running:
            thread.start()
        yield
    finally:
        stop.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in filter(threading.Thread.is_alive, running):
            thread.join(max(0.0, deadline - time.monotonic()))


def _keep_running(name: str, path: str, stop: threading.Event) -> None:
    """Call the thread's function, again and ever more slowly when it fails, until `stop` is set."""
    pause = 1.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            _function(path)(stop)
        except Exception:
            log.exception("a part of Tandem failed and is started again", part=name)
        if time.monotonic() - started > LONGEST_PAUSE_SECONDS:
            pause = 1.0
        stop.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _function(path: str) -> Callable[[threading.Event], None]:
    module, _, name = path.partition(":")
    function: Callable[[threading.Event], None] = getattr(import_module(module), name)
    return function
