"""Run one embedded PostgreSQL: make its cluster, start it, notice its death, stop it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from helpdesk.embedded.child import start_process
from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.place import PORT, Place, find_binaries
from helpdesk.embedded.roles import SUPERUSER, create_roles

LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
LOG_BYTES = 10_000_000
SLOW_START_SECONDS = 10
FAST_STOP_SECONDS = 60
SHARED_MEMORY_TRIES = 40
IMPOSSIBLE_PID = 2**31 - 1


class Server:
    """One embedded PostgreSQL server in `place`.

    With `follow`, the server stops when the thread that called start() ends, however it ends.
    """

    def __init__(self, place: Place, *, follow: bool = False, options: tuple[str, ...] = ()) -> None:
        self.place = place
        self.follow = follow
        self.options = options
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return the postmaster's process id, or None while there is none (also one left by a former run)."""
        if self._child and self._child.poll() is not None:
            self._child = None
        pid = _recorded_pid(self.place)
        return pid if pid and _is_our_postmaster(pid, self.place) else None

    def start(self) -> None:
        """Start the server, or take over the one a former run left, and wait as long as its recovery takes.

        Raises EmbeddedError with the end of the log when it does not come up.
        """
        bin_folder = self._prepare()
        for attempt in range(SHARED_MEMORY_TRIES):
            if self.pid is None:
                _forget_dead_pid(self.place)
                self._spawn(bin_folder)
            if self._wait_until_ready():
                break
            tail = self._log_tail()
            if "still in use" not in tail or attempt == SHARED_MEMORY_TRIES - 1:
                raise EmbeddedError(f"PostgreSQL did not start; see {self.place.log}.\n{tail}")
            time.sleep(0.25)  # backends of a killed server are still letting go of their memory
        create_roles(self.place)

    def stop(self) -> None:
        """Stop the server: running queries are cut, everything committed is kept."""
        pid = self.pid
        if pid is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if self._wait_until_gone(pid, FAST_STOP_SECONDS):
                return
        raise EmbeddedError(f"PostgreSQL (process {pid}) does not stop; see {self.place.log}.")

    def _prepare(self) -> Path:
        place = self.place
        place.private_folder(place.base)
        place.private_folder(place.socket_folder)
        bin_folder = find_binaries(place)
        if not place.cluster.exists():
            _make_cluster(place, bin_folder)
        _refuse_other_major(place, bin_folder)
        if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
            place.log.replace(place.log.with_suffix(".log.1"))
        return bin_folder

    def _spawn(self, bin_folder: Path) -> None:
        place, account = self.place, self.place.account
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={place.socket_folder}",
            "unix_socket_permissions=0700",
            f"port={PORT}",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_min_error_statement=panic",  # statements, and the details of errors, hold what people wrote
            "log_error_verbosity=terse",
            *self.options,
        )
        command = [str(bin_folder / "postgres"), "-D", str(place.cluster)]
        for setting in settings:
            command += ["-c", setting]
        self._child = start_process(
            command,
            log=place.log,
            account=account,
            farewell=signal.SIGINT if self.follow else None,  # PostgreSQL's fast shutdown
            environment=_clean_environment(),
        )

    def _wait_until_ready(self) -> bool:
        """Return True once connections are accepted, False when the server has ended instead."""
        started, is_announced = time.monotonic(), False
        while True:
            try:
                psycopg.connect(self.place.url(SUPERUSER, "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if (self._child is None or self._child.poll() is not None) and self.pid is None:
                    return False
                if not is_announced and time.monotonic() - started > SLOW_START_SECONDS:
                    is_announced = True
                    print(
                        "PostgreSQL is still recovering from its last stop; this can take minutes.",
                        file=sys.stderr,
                    )
                time.sleep(0.02)
            else:
                return True

    def _wait_until_gone(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._child and self._child.pid == pid:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(0.05)
            if not _is_our_postmaster(pid, self.place):
                return True
            time.sleep(0.02)
        return False

    def _log_tail(self) -> str:
        try:
            lines = self.place.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-15:])


def _make_cluster(place: Place, bin_folder: Path) -> None:
    """Run initdb aside and move the result into place, so that a half-made cluster is never used."""
    account = place.account
    unfinished = place.base / "cluster.unfinished"
    subprocess.run(["rm", "-rf", str(unfinished)], check=True)
    made = subprocess.run(
        [
            str(bin_folder / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "--auth=trust",
            "--no-instructions", *LOCALE,
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        env=_clean_environment(),
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )  # fmt: skip
    if made.returncode:
        raise EmbeddedError(
            f"PostgreSQL could not make its folder {unfinished}:\n{made.stderr or made.stdout}"
        )
    unfinished.rename(place.cluster)


def _refuse_other_major(place: Place, bin_folder: Path) -> None:
    version = (place.cluster / "PG_VERSION").read_text().strip()
    ours = subprocess.run([str(bin_folder / "postgres"), "-V"], capture_output=True, text=True, check=True)
    wanted = ours.stdout.split()[2].split(".")[0]
    if version != wanted:
        raise EmbeddedError(
            f"The data in {place.cluster} was written by PostgreSQL {version}, and this Tandem brings "
            f"PostgreSQL {wanted}. Make a backup with the former version (manage.py backup) and restore it "
            "into an empty TANDEM_DATA."
        )


def _recorded_pid(place: Place) -> int | None:
    try:
        return int((place.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _forget_dead_pid(place: Place) -> None:
    """Blot out a recorded number that now is another program's or a zombie's: PostgreSQL would not start.

    The rest of the file stays, because by it PostgreSQL sees whether its former memory is still in use. The
    socket's own lock goes: its folder is this server's alone.
    """
    (place.socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    pid = _recorded_pid(place)
    if pid and not _is_our_postmaster(pid, place):
        path = place.cluster / "postmaster.pid"
        _, *rest = path.read_text().split("\n")
        path.write_text("\n".join([str(IMPOSSIBLE_PID), *rest]))


def _is_our_postmaster(pid: int, place: Place) -> bool:
    command = _command_line(pid)
    return "postgres" in command and str(place.cluster) in command


def _command_line(pid: int) -> str:
    """Return a process's command line, or an empty text when there is none (or only its zombie)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout


def _clean_environment() -> dict[str, str]:
    """Return an environment without what would change the server: the shell's locale, PGPORT, PGDATA."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


@contextlib.contextmanager
def throw_away(place: Place) -> Iterator[Server]:
    """Run a server that never waits for the disk: for tests only, its data does not survive a power cut."""
    server = Server(place, follow=True, options=THROW_AWAY)
    server.start()
    try:
        yield server
    finally:
        server.stop()
