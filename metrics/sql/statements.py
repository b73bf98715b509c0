"""Load an SQL statement, and fill in the names of the relations that tickets and routing offer."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from routing.queries.staffing import STAFFING
from tickets.queries import relations
from tickets.queries.hours import QUEUE_HOURS, build_clock_expression

FOLDER = Path(__file__).parent
# What a file may name as {NAME}. Statements of this package name its own tables as they are.
PIECES = {
    "CUSTOMERS": relations.CUSTOMERS,
    "EVENTS": relations.EVENTS,
    "PROMISES": relations.PROMISES,
    "QUEUES": relations.QUEUES,
    "QUEUE_HOURS": QUEUE_HOURS,
    "STAFFING": STAFFING,
    "TICKETS": relations.TICKETS,
}
NAME = re.compile(r"\{([A-Z_]+)\}")
# Reads the clock of the queue's opening hours; `m` is the row that names calendar and version.
OPEN_CLOCK = re.compile(r"OPEN_CLOCK\(([\w.]+)\)")


@cache
def read_statement(name: str) -> str:
    """Return the statement of `metrics/sql/<name>.sql`. Raises KeyError for a piece that nobody offers."""
    text = NAME.sub(lambda match: _piece(match[1]), (FOLDER / f"{name}.sql").read_text())
    return OPEN_CLOCK.sub(lambda match: build_clock_expression("m.calendar_id", "m.version", match[1]), text)


def _piece(name: str) -> str:
    return read_statement("standing") if name == "STANDING_EVENTS" else PIECES[name]
