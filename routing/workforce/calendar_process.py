"""Unfold a calendar file in a process of its own, which may be killed: a stranger may have written the file.

A few at once: a process starts for each file, reads it and ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from routing.errors import BadCalendar
from tickets.platform.confinement import build_environment

PROJECT = Path(__file__).resolve().parents[2]
WORKER = "routing.workforce.calendar_worker"
SECONDS = 10.0  # of the clock; the worker has its own limit of the processor's time
AT_ONCE = 2

_places = threading.BoundedSemaphore(AT_ONCE)


def read_entries(raw: bytes, zone: ZoneInfo, now: datetime) -> list[tuple[str, datetime, datetime]]:
    """Return (id, start, end) of each occurrence of the entries within a year from now, in order.

    Raises:
        BadCalendar: it is no calendar, has too many entries, or takes too long; the sentence says which.
    """
    if not _places.acquire(timeout=SECONDS):
        raise BadCalendar(_("Several calendars are being read. Try again in a moment."), code="busy")
    try:
        answer = _ask(json.dumps({"zone": zone.key, "now": now.isoformat()}).encode() + b"\n" + raw)
    finally:
        _places.release()
    if "refused" in answer:
        raise BadCalendar(_sentences().get(answer["refused"]), code=answer["refused"])
    return [
        (uid, datetime.fromisoformat(starts).astimezone(zone), datetime.fromisoformat(ends).astimezone(zone))
        for starts, ends, uid in answer["entries"]
    ]


def _ask(request: bytes) -> dict[str, Any]:
    """Run the worker. Return what it printed, or why there is nothing."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", WORKER],
            input=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=build_environment(str(PROJECT)),
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_costly"}
    if done.returncode:
        return {"refused": "too_costly" if done.returncode < 0 else "bad_calendar"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _sentences() -> dict[str, str]:
    return {
        "too_many": _("This calendar has more than 1000 entries in the coming year."),
        "too_fine": _(
            "An entry of this calendar repeats more often than once a day. Leave it out and try again."
        ),
        "too_costly": _(
            "The repeated entries of this calendar take too long to work out. Export the coming year "
            "only, without repetitions, and try again."
        ),
    }
