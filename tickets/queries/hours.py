"""Open time in a statement: which calendar holds for a queue, and what its clock reads at a moment.

`tickets_open_seconds(calendar, starts, ends)` is a function of the database (see the migrations): the open
seconds between two moments by the calendar as it is today.
"""

from __future__ import annotations

from tickets.models import Calendar, OpeningInterval
from tickets.queries.relations import QUEUES, build_subselect

OPENING_INTERVALS = build_subselect(
    OpeningInterval, "calendar_id", "version", "open_at", "close_at", "seconds_before"
)
_CALENDARS = build_subselect(Calendar, "id", "version")

# The calendar of each queue that has opening hours, and the calendar's version today.
QUEUE_HOURS = f"""(
    SELECT q.id AS queue_id, c.id AS calendar_id, c.version
    FROM {QUEUES} q
    JOIN {_CALENDARS} c ON c.id = q.calendar_id
    WHERE EXISTS (SELECT FROM {OPENING_INTERVALS} o WHERE o.calendar_id = c.id AND o.version = c.version))
"""  # noqa: S608  (every piece is a constant of this package)


def build_clock_expression(calendar: str, version: str, at: str) -> str:
    """Return the SQL expression of what a calendar's clock reads: the open seconds before a moment.

    All three are SQL expressions. NULL where there is no calendar or no moment; 0 before its first opening.
    """
    return f"""(CASE WHEN {calendar} IS NOT NULL AND {at} IS NOT NULL THEN coalesce((
        SELECT o.seconds_before + extract(epoch FROM least({at}, o.close_at) - o.open_at)
        FROM {OPENING_INTERVALS} o
        WHERE o.calendar_id = {calendar} AND o.version = {version} AND o.open_at <= {at}
        ORDER BY o.open_at DESC LIMIT 1), 0) END)"""  # noqa: S608  (expressions of our own statements)
