"""When in the week a metric's rows began: seven days of twenty-four hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

from metrics.asking.metric import Metric
from metrics.asking.question import Question
from metrics.catalogue import answers
from metrics.pages import charts
from metrics.pages.charts import Cell
from metrics.pages.report import Links

HOURS = 24
MONDAY_FIRST = (2, 3, 4, 5, 6, 7, 1)  # as a question counts weekdays: Sunday is 1
ROW_HEIGHT, COLUMN_WIDTH = 24, 30
MARGIN_LEFT, MARGIN_TOP = 40, 22


@dataclass(frozen=True)
class Placed:
    """A cell on the drawing, with its text's place."""

    cell: Cell
    x: int
    y: int

    @property
    def text_x(self) -> int:
        return self.x + COLUMN_WIDTH // 2

    @property
    def text_y(self) -> int:
        return self.y + ROW_HEIGHT // 2 + 4


@dataclass(frozen=True)
class Week:
    """The drawing, and the table of the same numbers with a way to the tickets of each hour."""

    cells: Sequence[Placed]
    day_labels: Sequence[tuple[str, int]]
    hour_labels: Sequence[tuple[str, int]]
    table: Sequence[tuple[str, Sequence[tuple[int, str]]]]
    width: int
    height: int
    busiest: str


def build_week(metric: Metric, question: Question, links: Links) -> Week | None:
    """Return the heat map of a question, or None when nothing was counted."""
    counts_by_hour = answers.count_by_hour(metric, replace(question, weekday=None, hour=None))
    if not counts_by_hour:
        return None
    counts = {
        (row, hour): counts_by_hour.get((day, hour), 0)
        for row, day in enumerate(MONDAY_FIRST)
        for hour in range(HOURS)
    }
    cells = charts.shade_cells(counts, columns=HOURS, rows=7)
    peak = max(cells, key=lambda cell: cell.value)
    return Week(
        cells=[Placed(c, MARGIN_LEFT + c.x * COLUMN_WIDTH, MARGIN_TOP + c.y * ROW_HEIGHT) for c in cells],
        day_labels=[
            (str(WEEKDAYS_ABBR[row]), MARGIN_TOP + row * ROW_HEIGHT + ROW_HEIGHT // 2 + 4) for row in range(7)
        ],
        hour_labels=[
            (str(h), MARGIN_LEFT + h * COLUMN_WIDTH + COLUMN_WIDTH // 2) for h in range(0, HOURS, 2)
        ],
        table=[
            (
                str(WEEKDAYS[row]),
                [
                    (counts[(row, hour)], links.tickets(metric.slug, weekday=day, hour=hour))
                    for hour in range(HOURS)
                ],
            )
            for row, day in enumerate(MONDAY_FIRST)
        ],
        width=MARGIN_LEFT + HOURS * COLUMN_WIDTH,
        height=MARGIN_TOP + 7 * ROW_HEIGHT,
        busiest=f"{WEEKDAYS[peak.y]} {peak.x}:00",
    )
