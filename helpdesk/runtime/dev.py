"""`make dev`: everything of `make run` with debug on, started again whenever the code changes.

PostgreSQL runs on. A template needs no new start: with debug on, each page reads its templates anew.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from watchfiles import Change, PythonFilter, watch

from helpdesk.embedded.up import refuse_taken_port
from helpdesk.runtime.environment import REPOSITORY
from helpdesk.runtime.stack import Child

FOLDERS = ("helpdesk", "metrics", "routing", "tickets", "locale")
READ_ONCE = (".py", ".mo")  # what a process reads when it starts, and never again
LOOK_MILLISECONDS = 500
STOP_SECONDS = 10


def serve(port: int, out: IO[str]) -> None:
    """Run `manage.py dev_server` on 127.0.0.1:`port`, anew after each change, until told to stop.

    A server that cannot start (a syntax error, say) leaves its traceback, and the next change tries again.

    Raises:
        EmbeddedError: the port is taken.
    """
    refuse_taken_port(port)
    child = _start(port)
    try:
        for changed in _changes(child, out):
            print(f"Changed: {', '.join(changed)}. Tandem starts again …", file=out, flush=True)
            _end(child)
            child = _start(port, child)
    except KeyboardInterrupt:  # how watchfiles tells of a signal
        pass
    finally:
        _end(child)


def _start(port: int, child: Child | None = None) -> Child:
    """Start the server's process; a `child` that has ended is used again."""
    argv = [sys.executable, "manage.py", "dev_server", "--port", str(port)]
    child = child or Child("dev_server", argv, dict(os.environ), STOP_SECONDS)
    child.process = None
    child.watch()
    return child


def _end(child: Child) -> None:
    child.ask_to_end()
    child.end()


def _changes(child: Child, out: IO[str]) -> Iterator[list[str]]:
    """Give the changed files, as paths from the repository, each time some changed; say once that it died."""
    folders = [REPOSITORY / name for name in FOLDERS]
    is_known_dead = False
    for changes in watch(
        *folders,
        watch_filter=PythonFilter(extra_extensions=READ_ONCE),
        rust_timeout=LOOK_MILLISECONDS,
        yield_on_timeout=True,
    ):
        if changes:
            is_known_dead = False
            yield _names(changes)
        elif not is_known_dead and child.process and child.process.poll() is not None:
            is_known_dead = True
            print("Tandem has ended, see above; the next change starts it again.", file=out, flush=True)


def _names(changes: Iterable[tuple[Change, str]]) -> list[str]:
    names = []
    for _change, path in changes:
        with contextlib.suppress(ValueError):
            names.append(Path(path).relative_to(REPOSITORY).as_posix())
    return sorted(names)
