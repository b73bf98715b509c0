"""An installation of its own for one story: data folder, running program, and a mail server to send to."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from helpdesk.embedded.place import find_place
from tests.helpdesk.distributed.test_stack import demand_programs
from tests.helpdesk.embedded.conftest import remove
from tests.helpdesk.embedded.program import Program, run
from tests.helpdesk.whole_way.peer import Peer
from tests.plugins.database import prepare_installation
from tests.plugins.servers import free_port

LAY = "from tests.helpdesk.whole_way.ground import lay; lay(places={places})"


@dataclass
class House:
    """A helpdesk that runs, and what stands around it."""

    program: Program
    peer: Peer
    keys: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.program.port}"

    @property
    def smtp_port(self) -> int:
        return int(self.program.environment["SMTP_PORT"])

    def command(self, *arguments: str, text: str | None = None) -> str:
        """Run a management command of this installation; return what it prints."""
        done = run(
            self.program.data, *arguments, text=text, PORT=str(self.program.port), **_settings(self.peer)
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read rows as the application's role."""
        with psycopg.connect(find_place(self.program.data).url("tandem_app")) as connection:
            return connection.execute(query).fetchall()

    def let_pass(self, minutes: int) -> None:
        """Let everybody have signed on so many minutes earlier: at first, mails come one after the other."""
        with psycopg.connect(find_place(self.program.data).url("tandem_app")) as connection:
            connection.execute(
                "UPDATE routing_presence SET signed_on_at = signed_on_at - make_interval(mins => %s)",
                [minutes],
            )


@contextmanager
def open_house(command: str, *, places: int = 5) -> Iterator[House]:
    """Run `manage.py up` or `manage.py stack` on fresh data."""
    if command == "stack":
        demand_programs()
    data = Path(tempfile.mkdtemp(prefix="tandem-house-"))
    data.chmod(0o711)
    peer = Peer().open()
    program = Program(data, free_port(), command, **_settings(peer))
    try:
        prepare_installation(data)
        laid = run(data, "shell", "--no-imports", "-c", LAY.format(places=places))
        assert laid.returncode == 0, laid.stderr
        yield House(program.start(), peer, json.loads(laid.stdout.splitlines()[-1]))
    finally:
        if program.process and program.process.poll() is None:
            program.end(signal.SIGTERM)
        print(program.output)  # pytest shows it when the story has failed
        peer.close()
        remove(data)
        shutil.rmtree(data, ignore_errors=True)


def _settings(peer: Peer) -> dict[str, str]:
    return {"EMAIL_URL": peer.url, "TANDEM_MAIL_DOMAIN": "demo.example"}
