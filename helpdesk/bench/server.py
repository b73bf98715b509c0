"""The web server under test: gunicorn with one process, as the distributed mode runs it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from helpdesk.bench.counting import ASKED, TOLD

START_SECONDS = 60


class Browser:
    """A signed-in client that keeps its connection and its cookies."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = dict(cookies or {})
        self.queries: int | None = None
        self._counts = False

    def get(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        """Return the body of a page; raise AssertionError for anything but 200."""
        status, body = self._ask("GET", path, None, headers or {})
        if status != 200:
            raise AssertionError(f"GET {path} answered {status}: {body[:300]!r}")
        return body

    def post(self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> bytes:
        """Send a form with its CSRF token; raise AssertionError for an error status."""
        sent = {"X-CSRFToken": self.cookies.get("csrftoken", ""), **(headers or {})}
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        status, body = self._ask("POST", path, urlencode(fields).encode(), sent)
        if status >= 400:
            raise AssertionError(f"POST {path} answered {status}: {body[:300]!r}")
        return body

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Have the server count the queries of each request meanwhile; `queries` is the last one's."""
        self._counts = True
        try:
            yield
        finally:
            self._counts = False

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        counted = {ASKED: "1"} if self._counts else {}
        self.connection.request(method, path, body, {"Cookie": cookie, **counted, **headers})
        answer = self.connection.getresponse()
        if header := answer.headers.get(TOLD):
            self.queries = int(header)
        for header in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.read()


@contextmanager
def web_server() -> Iterator[tuple[int, int]]:
    """Start gunicorn on a free port; give (port, process id); stop it in the end."""
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", "helpdesk.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "1", "--threads", "4", "--keep-alive", "60",
    ]  # fmt: skip
    environment = {
        **os.environ, "TANDEM_BENCH": "1", "TANDEM_TRUSTED_PROXIES": "127.0.0.1", "TANDEM_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    environment.pop("TANDEM_AS_OWNER", None)
    process = subprocess.Popen(command, env=environment)
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            Browser(port).get("/healthz")
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The web server did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
