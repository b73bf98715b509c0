"""Open time in SQL: the calendar of each queue, and the reading of its clock at a moment.

The database function `tickets_open_seconds(calendar, starts, ends)` (see the migrations) returns the open
seconds between two moments by the calendar's present version.
"""

from __future__ import annotations

from tickets.models import Calendar, OpeningInterval
from tickets.queries.relations import QUEUES, build_subselect

OPENING_INTERVALS = build_subselect(
    OpeningInterval, "calendar_id", "version", "open_at", "close_at", "seconds_before"
)
_CALENDARS = build_subselect(Calendar, "id", "version")

# For each queue with opening hours: its calendar and the calendar's present version.
QUEUE_HOURS = f"""(
    SELECT q.id AS queue_id, c.id AS calendar_id, c.version
    FROM {QUEUES} q
    JOIN {_CALENDARS} c ON c.id = q.calendar_id
    WHERE EXISTS (SELECT FROM {OPENING_INTERVALS} o WHERE o.calendar_id = c.id AND o.version = c.version))
"""  # noqa: S608  (every piece is a constant of this package)


def build_clock_expression(calendar: str, version: str, at: str) -> str:
    """Return an SQL expression for the open seconds of a calendar before a moment.

    The arguments are SQL expressions. The value is NULL without a calendar or moment, and 0 before the first
    opening. The difference of two readings is the open time between them.
    """
    return f"""(CASE WHEN {calendar} IS NOT NULL AND {at} IS NOT NULL THEN coalesce((
        SELECT o.seconds_before + extract(epoch FROM least({at}, o.close_at) - o.open_at)
        FROM {OPENING_INTERVALS} o
        WHERE o.calendar_id = {calendar} AND o.version = {version} AND o.open_at <= {at}
        ORDER BY o.open_at DESC LIMIT 1), 0) END)"""  # noqa: S608  (expressions of our own statements)
