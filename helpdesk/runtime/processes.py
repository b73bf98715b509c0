"""The one table of processes: `make run`, `make stack` and docker-compose.yml all come from it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

QUEUES = ("intake", "routing", "delivery", "metrics")
WEB_PORT, SOCKETS_PORT, SMTP_PORT = 8001, 8002, 2525
WEB_PROCESSES, WEB_THREADS = 2, 8
PROXY_KEEPS_SECONDS = 60  # an idle connection to gunicorn
# Of one frame that a browser sends; ours are smaller. None is compressed: 16 kB of zeros inflate to 16 MB.
SOCKET_FRAME_BYTES = 64 * 1024


@dataclass(frozen=True)
class Process:
    """One kind of process.

    `command` runs it on its own, with {python}, {host} and {port} filled in. `thread` names the function that
    does the same work as a thread of `make run`, called with an Event that tells it to stop; pages and
    sockets have none, they are the main thread. `beats` are the heartbeats that prove it works. Each of its
    `processes` takes at most `pool` of the database's connections. `stop_seconds` is how long it may take to
    finish what it has begun.
    """

    name: str
    purpose: str
    command: str
    thread: str = ""
    port: int = 0
    beats: tuple[str, ...] = ()
    processes: int = 1
    pool: int = 2
    stop_seconds: int = 10
    may_be_many: bool = True

    @property
    def connections(self) -> int:
        """Return the most database connections it takes: a pool for each of its processes."""
        return self.processes * self.pool

    def argv(self, *, python: str, host: str, port: int) -> list[str]:
        """Return the command with its blanks filled in."""
        return [word.format(python=python, host=host, port=port) for word in shlex.split(self.command)]


def _worker(queue: str, purpose: str, concurrency: int) -> Process:
    return Process(
        name=f"worker-{queue}",
        purpose=purpose,
        command=f"{{python}} -m celery --quiet -A helpdesk worker --queues {queue} --hostname {queue}@%h "
        f"--concurrency {concurrency} --loglevel WARNING --without-gossip --without-mingle",
        beats=(f"worker-{queue}",),
        processes=concurrency,
        stop_seconds=60,
    )


PROCESSES = (
    Process(
        name="web",
        purpose="Pages and API",
        command="{python} -m gunicorn helpdesk.wsgi:application --bind {host}:{port} --worker-class gthread "
        f"--workers {WEB_PROCESSES} --threads {WEB_THREADS} --graceful-timeout 10 "
        # Longer than the proxy keeps an idle connection: a POST on one just closed here would be refused.
        f"--keep-alive {PROXY_KEEPS_SECONDS + 15} "
        "--max-requests 20000 --max-requests-jitter 2000 --log-level warning",
        port=WEB_PORT,
        processes=WEB_PROCESSES,
        pool=WEB_THREADS,
        stop_seconds=15,
    ),
    Process(
        name="sockets",
        purpose="Websockets",
        command="{python} -m uvicorn helpdesk.asgi:application --host {host} --port {port} "
        "--no-proxy-headers --lifespan off --log-level warning --no-access-log --timeout-graceful-shutdown 5 "
        f"--ws-max-size {SOCKET_FRAME_BYTES} --ws-per-message-deflate false",
        port=SOCKETS_PORT,
        pool=16,
    ),
    _worker("intake", "Reads what was received into tickets", 2),
    _worker("routing", "Offers and assigns work", 1),
    _worker("delivery", "Sends what goes out", 2),
    _worker("metrics", "Derives facts and makes exports", 1),
    Process(
        name="beat",
        purpose="Rings the periodic tasks; exactly one",
        command="{python} -m celery --quiet -A helpdesk beat --scheduler celery.beat:Scheduler "
        "--loglevel WARNING --pidfile=",
        thread="helpdesk.embedded.bells:run_beat",
        may_be_many=False,
    ),
    Process(
        name="sweep",
        purpose="Finds the work no bell has rung for",
        command="{python} manage.py sweep",
        thread="helpdesk.runtime.sweep:run_forever",
        beats=("sweep",),
    ),
    Process(
        name="smtp",
        purpose="Receives mail",
        command="{python} manage.py smtp_listener",
        thread="tickets.channels.email.inbound.listener:run_forever",
        port=SMTP_PORT,
        pool=8,
    ),
    Process(
        name="imap",
        purpose="Reads the mailboxes that are connected",
        command="{python} manage.py read_mailboxes",
        thread="helpdesk.runtime.mail_reader:run_forever",
        beats=("imap",),
        pool=8,
        stop_seconds=20,
    ),
)
EMBEDDED_WORKER = (
    "helpdesk.embedded.bells:run_worker"  # one worker for all queues, where there is one machine
)


def list_threads() -> tuple[tuple[str, str], ...]:
    """Return name and function of what `make run` runs as threads."""
    own = tuple((process.name, process.thread) for process in PROCESSES if process.thread)
    return (("worker", EMBEDDED_WORKER), *own)
