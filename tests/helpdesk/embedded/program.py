"""`manage.py up` as a program: start it, wait until it is ready, end it one way or another."""

import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

from helpdesk.runtime.environment import REPOSITORY

READY = "Tandem is ready: "
NOT_FOR_IT = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "CI")


def own_environment(**more: str) -> dict[str, str]:
    """Return an environment without what the tests' own Django was told."""
    return {name: value for name, value in os.environ.items() if name not in NOT_FOR_IT} | more


class Program:
    """One `manage.py up` (or another command that serves) on a data folder and a port."""

    def __init__(
        self, data: Path, port: int, command: str = "up", folder: Path = REPOSITORY, **environment: str
    ) -> None:
        self.data = data
        self.port = port
        self.command = command
        self.folder = folder
        self.environment = own_environment(
            TANDEM_DATA=str(data), PORT=str(port), SMTP_PORT=environment.pop("SMTP_PORT", str(port + 1)),
            **{"TANDEM_DEMO": "0", **environment},
        )  # fmt: skip
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def start(self, **popen: object) -> "Program":
        """Start it and wait for the line that says it is ready; fail with its output when it ends instead."""
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", self.command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **popen,  # type: ignore[call-overload]
        )
        told: queue.Queue[bool] = queue.Queue()
        threading.Thread(target=self._read, args=(told,), daemon=True).start()
        assert told.get(timeout=300), self.output
        return self

    def _read(self, told: "queue.Queue[bool]") -> None:
        assert self.process
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith(READY):
                told.put(True)
        told.put(False)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Fetch a page; return its status and text."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(90)

    def kill(self) -> None:
        """End it without a chance to clean up."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)


def run(
    data: Path, *arguments: str, text: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run one management command of the installation in `data`."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=own_environment(TANDEM_DATA=str(data), TANDEM_DEMO="0", **environment),
        input=text,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
