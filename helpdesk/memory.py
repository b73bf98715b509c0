"""Spare a serving process most of its garbage collection."""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 20_000


def settle() -> None:
    """Set what was imported apart from garbage for good, and look for new garbage less often.

    A page makes tens of thousands of short-lived objects and hardly a cycle: with the usual threshold the
    collector runs several times within one page and looks through every loaded module from time to time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
