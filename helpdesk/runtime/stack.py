"""The distributed processes on this machine, without containers: started, watched, restarted, ended."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings

from helpdesk.embedded.child import start_process
from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.up import build_greeting, prepare_installation, refuse_taken_port
from helpdesk.runtime.environment import REPOSITORY
from helpdesk.runtime.processes import PROCESSES
from helpdesk.runtime.reverse_proxy import nginx_configuration

HOST = "127.0.0.1"
LOOK_SECONDS = 0.25
QUICK_END_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 30.0
START_SECONDS = 120.0


@dataclass
class Child:
    """One watched process; a quick death doubles the pause before it is started again."""

    name: str
    argv: Sequence[str]
    environment: dict[str, str]
    stop_seconds: int = 10
    stop_signal: signal.Signals = signal.SIGTERM
    pause: float = 0.5
    started_at: float = 0.0
    due: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def watch(self) -> bool:
        """Start the process when it is due, or note that it has ended; return whether anything changed."""
        now = time.monotonic()
        if self.process is None:
            if now < self.due:
                return False
            self.process = start_process(
                self.argv, farewell=signal.SIGTERM, environment=self.environment, folder=REPOSITORY
            )
            self.started_at = now
            return True
        status = self.process.poll()
        if status is None:
            return False
        self._kill_group()  # nginx's workers, for one, outlive a killed master and keep its port
        lived = now - self.started_at
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS) if lived < QUICK_END_SECONDS else 0.5
        self.due = now + self.pause
        self.process = None
        print(f"{self.name} has ended (status {status}) and is started again.", file=sys.stderr, flush=True)
        return True

    def ask_to_end(self) -> None:
        """Send the signal that lets it finish what it has begun."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def end(self) -> None:
        """Wait until it has ended; kill it and its own children when it takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self.process.wait()

    def _kill_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def serve(port: int, out: IO[str]) -> None:
    """Run every process of the table behind nginx on 127.0.0.1:`port`, with a Redis, until told to stop.

    Raises EmbeddedError when the port is taken or a program is missing.
    """
    refuse_taken_port(port)
    programs = {name: _program(name) for name in ("redis-server", "nginx")}
    prepare_installation()
    with _folder_for_nginx() as folder:
        redis, backs, front, web_port = _children(programs, port, folder)
        stages = ([redis], backs, [front])
        try:
            _watch(stages, (web_port, port), out)
        finally:
            print("Tandem is stopping …", file=out, flush=True)
            for stage in reversed(stages):
                for child in stage:
                    child.ask_to_end()
                for child in stage:
                    child.end()


def _watch(stages: Sequence[Sequence[Child]], ports: Sequence[int], out: IO[str]) -> None:
    """Keep the children running for ever, and say once when web process and nginx answer on their ports."""
    children = [child for stage in stages for child in stage]
    is_ready, deadline = False, time.monotonic() + START_SECONDS
    while True:
        changes = [child.watch() for child in children]
        if any(changes):
            _write_pids(children)
        if not is_ready and all(map(_answers, ports)):
            is_ready = True
            print(build_greeting(ports[-1]), file=out, flush=True)
        if not is_ready and time.monotonic() > deadline:
            raise EmbeddedError(
                f"Tandem did not answer within {START_SECONDS:.0f} seconds; see the lines above."
            )
        time.sleep(LOOK_SECONDS)


def _children(programs: dict[str, str], port: int, folder: Path) -> tuple[Child, list[Child], Child, int]:
    """Return Redis, the table's processes, nginx, and the port of the web process."""
    redis_port, redis_file = _free_port(), settings.DATA_DIR / "run" / "redis.conf"
    password = secrets.token_urlsafe(24)
    _write_private(redis_file, _redis_configuration(redis_port, password))
    environment = _environment(port, f"redis://:{password}@{HOST}:{redis_port}/0")
    backs, ports = [], {}
    for process in PROCESSES:
        ports[process.name] = settings.SMTP_PORT if process.name == "smtp" else _free_port()
        argv = process.argv(python=sys.executable, host=HOST, port=ports[process.name])
        own = {**environment, "TANDEM_POOL": str(process.pool)}
        backs.append(Child(process.name, argv, own, process.stop_seconds))
    proxy_file = folder / "nginx.conf"
    listen, web, sockets = (f"{HOST}:{number}" for number in (port, ports["web"], ports["sockets"]))
    text = nginx_configuration(listen=listen, web=web, sockets=sockets, folder=str(folder))
    proxy_file.write_text(text)
    command = [programs["nginx"], "-e", "stderr", "-c", str(proxy_file), "-g", "daemon off;"]
    front = Child("nginx", command, environment, stop_signal=signal.SIGQUIT)
    redis = Child("redis", [programs["redis-server"], str(redis_file)], environment)
    return redis, backs, front, ports["web"]


def _environment(port: int, redis_url: str) -> dict[str, str]:
    """Return the environment of the processes: the variables that a deployment sets."""
    return {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": redis_url,
        "SECRET_KEY": settings.SECRET_KEY,
        "PORT": str(port),
        "TANDEM_DEMO": str(int(settings.DEMO)),
        "TANDEM_TRUSTED_PROXIES": " ".join([HOST, *settings.TRUSTED_PROXIES]),
        "TANDEM_PUBLIC_URL": settings.PUBLIC_URL,
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",  # four times the same
    }


def _database_url() -> str:
    if "DATABASE_URL" in os.environ:
        return os.environ["DATABASE_URL"]
    addresses = json.loads((settings.DATA_DIR / "run" / "postgres.json").read_text())
    return str(addresses["app"])


def _redis_configuration(port: int, password: str) -> str:
    folder = settings.DATA_DIR / "redis"
    folder.mkdir(exist_ok=True)
    return (
        f"bind {HOST}\nport {port}\nrequirepass {password}\n"
        f'dir "{folder}"\nappendonly yes\nsave ""\nloglevel warning\n'
    )


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _write_pids(children: Sequence[Child]) -> None:
    """Tell which process is which, for people who look and tests that kill."""
    pids = {child.name: child.process.pid for child in children if child.process}
    path = settings.DATA_DIR / "run" / "stack.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(pids, indent=1))
    unfinished.replace(path)


@contextlib.contextmanager
def _folder_for_nginx() -> Iterator[Path]:
    """Return a folder that nginx's unprivileged workers can reach, wherever the data folder is."""
    with tempfile.TemporaryDirectory(prefix="tandem-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def _program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
    if path is None:
        raise EmbeddedError(
            f"{name} is not installed; `make stack` needs it (apt install redis-server nginx). "
            "`make run` needs neither."
        )
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
