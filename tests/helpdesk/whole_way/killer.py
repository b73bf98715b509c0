"""Ends processes of a running stack as a power cut would, one after another, by chance of a known seed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from random import Random

import psycopg

from helpdesk.embedded.place import find_place
from helpdesk.runtime.processes import PROCESSES
from tests.helpdesk.embedded.program import Program
from tests.helpdesk.whole_way.writers import Unlucky, until_it_works

OTHERS = ("redis", "nginx", "postgres")
BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class Killer:
    """Kills each process of the table, Redis, nginx and a backend of PostgreSQL, in an order by chance."""

    def __init__(self, stack: Program, chance: Random) -> None:
        self.stack, self.chance = stack, chance
        self.killed: list[str] = []

    def go_round(self) -> None:
        """Kill each once, and those that start quickly twice, with pauses by chance."""
        names = [process.name for process in PROCESSES] + list(OTHERS) * 2
        self.chance.shuffle(names)
        for name in names:
            time.sleep(self.chance.uniform(0.2, 1.0))
            with contextlib.suppress(ProcessLookupError, psycopg.Error, KeyError):
                self._kill(name)
                self.killed.append(name)

    def wait_until_all_run(self) -> None:
        """Wait until the stack itself has started everything again and serves."""
        wanted = {"redis", "nginx"} | {process.name for process in PROCESSES}

        def look() -> None:
            if not wanted <= set(self._pids()) or self.stack.get("/readyz")[0] != 200:
                raise Unlucky

        until_it_works(look, "everything")

    def _kill(self, name: str) -> None:
        pid = self._backend() if name == "postgres" else self._pids()[name]
        os.kill(pid, signal.SIGKILL)

    def _backend(self) -> int:
        with psycopg.connect(find_place(self.stack.data).url("tandem_app"), connect_timeout=5) as own:
            return int(self.chance.choice([pid for (pid,) in own.execute(BACKENDS)]))

    def _pids(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.stack.data / "run" / "stack.json").read_text())
        return found
