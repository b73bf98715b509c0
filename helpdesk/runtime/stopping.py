"""How processes end: signals set an event, or leave through every `finally`."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_asked = threading.Event()


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGINT and SIGTERM set `stop`, for loops that look at it."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: stop.set())


@contextmanager
def signals_end_the_process() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into SystemExit, so that everything started is stopped again.

    A process started in the background inherits SIGINT ignored, so it is set anew. uvicorn raises the signal
    it has handled once more after its graceful stop, and then this is what it meets. Where Python drops an
    exception (in a destructor, say), was_asked_to_stop() still knows.
    """
    before = {number: signal.signal(number, _leave) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def was_asked_to_stop() -> bool:
    """Tell whether such a signal has come."""
    return _asked.is_set()


def _leave(number: int, frame: object) -> None:
    _asked.set()
    sys.exit(0)
