"""Spare a serving process most of its garbage collection, and asking the system for memory call by call."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

YOUNG_OBJECTS = 20_000
# Words of 8 bytes, a little more than half of 256 KiB: Python then takes 256 KiB and leaves the rest free.
STACK_WORDS = 17_000


def settle() -> None:
    """Set what was imported apart from garbage for good, and look for new garbage less often.

    A page makes tens of thousands of short-lived objects and hardly a cycle: with the usual threshold the
    collector runs several times within one page and looks through every loaded module from time to time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def with_deep_stack[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that does the same, in whose calls Python's frames all have room in one piece.

    CPython keeps frames in pieces of 16 KiB; where a call does not fit, a new piece is fetched from the
    system, and given back at its return. A template that calls deeply at such an edge pays for that hundreds
    of times on one page. A frame that says it needs a large stack makes its piece large, and leaves the rest
    of it to the calls within.
    """

    def roomy(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    changed: Any = roomy
    changed.__code__ = changed.__code__.replace(co_stacksize=STACK_WORDS)
    return roomy
