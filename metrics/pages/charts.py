"""Charts as plain geometry: numbers become paths and labels, which templates draw as SVG. Pure.

Lines are drawn in a square of 100 × 100 that stretches (strokes and words keep their size); the table of
the same numbers stands beside each chart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

SIDE = 100.0
SHADES = 6


@dataclass(frozen=True)
class Step:
    """One point of a line: its label, value, band and whether it is provisional. None leaves a gap."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    is_provisional: bool = False
    second: float | None = None


@dataclass(frozen=True)
class Line:
    """A line with its band, as path data; labels run from top to bottom and from left to right."""

    paths: Sequence[str]
    provisional: Sequence[str]
    second: Sequence[str]
    bands: Sequence[str]
    dots: Sequence[str]
    grid: str
    y_labels: Sequence[str]
    x_labels: Sequence[str]


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map, placed on a grid of unit squares; `shade` runs from 0 (nothing) to 6."""

    x: int
    y: int
    value: int
    shade: int


def draw_line(steps: Sequence[Step], *, words: Callable[[float], str], top: float | None = None) -> Line:
    """Return a line chart from 0 to `top`, or to a round number above everything drawn.

    `words` turns a value into its label. A stretch is provisional when its later end is.
    """
    peak = round_top(max((v for s in steps for v in (s.value, s.second) if v is not None), default=0.0))
    scale = peak if top is None else top
    at = [(SIDE / 2 if len(steps) == 1 else SIDE * n / (len(steps) - 1)) for n in range(len(steps))]
    values = [_y(s.value, scale) for s in steps]
    firm, loose = _runs(steps, at, values)
    return Line(
        paths=firm,
        provisional=loose,
        second=_polylines(at, [_y(s.second, scale) for s in steps]),
        bands=_bands(steps, at, scale),
        dots=[f"M{x:.4g} {y:.4g}h0" for x, y in zip(at, values, strict=True) if y is not None],
        grid="".join(f"M0 {SIDE * n / 4:g}H{SIDE:g}" for n in range(5)),
        y_labels=[words(scale * n / 4) for n in (4, 3, 2, 1, 0)],
        x_labels=_spread([s.label for s in steps], 6),
    )


def draw_spark(values: Sequence[float | None]) -> str:
    """Return path data of a small trend in a box of 100 × 24, from its least to its greatest value."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    room = (high - low) or 1.0
    at = [SIDE * n / (len(values) - 1) for n in range(len(values))]
    return "".join(_polylines(at, [None if v is None else 22 - 20 * (v - low) / room for v in values]))


def scale_widths(values: Sequence[float]) -> list[int]:
    """Return bar lengths: 100 for the greatest value, at least 1 for any value above 0."""
    most = max(values, default=0)
    return [0 if v <= 0 else max(1, round(SIDE * v / most)) for v in values]


def shade_cells(counts: Mapping[tuple[int, int], int], *, columns: int, rows: int) -> list[Cell]:
    """Return the cells of a grid from {(row, column): count}, shaded by the square root of their share.

    The root keeps quiet hours apart from empty ones beside a single peak.
    """
    most = max(counts.values(), default=0)
    cells = []
    for y in range(rows):
        for x in range(columns):
            value = counts.get((y, x), 0)
            shade = math.ceil(SHADES * math.sqrt(value / most)) if value else 0
            cells.append(Cell(x, y, value, shade))
    return cells


def round_top(peak: float) -> float:
    """Return the next round number at or above `peak` that four steps divide well."""
    if peak <= 0:
        return 4.0
    power = 10.0 ** math.floor(math.log10(peak))
    for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10):
        if factor * power >= peak:
            return factor * power
    return 10 * power


def _y(value: float | None, scale: float) -> float | None:
    return None if value is None else SIDE - SIDE * min(1.0, max(0.0, value / scale))


def _runs(
    steps: Sequence[Step], at: Sequence[float], values: Sequence[float | None]
) -> tuple[list[str], list[str]]:
    """Split the line where it becomes provisional; each stretch belongs to its later end."""
    firm = [None if s.is_provisional else v for s, v in zip(steps, values, strict=True)]
    loose: list[float | None] = [None] * len(values)
    for n, step in enumerate(steps):
        if step.is_provisional:
            loose[n] = values[n]
            if n and loose[n - 1] is None:
                loose[n - 1] = values[n - 1]
    return _polylines(at, firm), _polylines(at, loose)


def _polylines(at: Sequence[float], values: Sequence[float | None]) -> list[str]:
    paths: list[str] = []
    run: list[str] = []
    for x, y in [*zip(at, values, strict=True), (0.0, None)]:
        if y is not None:
            run.append(f"{x:.4g} {y:.4g}")
        elif run:
            paths.append("M" + "L".join(run) if len(run) > 1 else f"M{run[0]}h0")
            run = []
    return paths


def _bands(steps: Sequence[Step], at: Sequence[float], scale: float) -> list[str]:
    """Return closed areas between the bounds, one for each stretch that has both."""
    areas: list[str] = []
    upper: list[str] = []
    lower: list[str] = []
    for x, step in [*zip(at, steps, strict=True), (0.0, Step("", None))]:
        high, low = _y(step.high, scale), _y(step.low, scale)
        if high is not None and low is not None and step.value is not None:
            upper.append(f"{x:.4g} {high:.4g}")
            lower.append(f"{x:.4g} {low:.4g}")
            continue
        if len(upper) > 1:
            areas.append("M" + "L".join([*upper, *reversed(lower)]) + "z")
        upper, lower = [], []
    return areas


def _spread(labels: Sequence[str], most: int) -> list[str]:
    """Return at most `most` labels, first and last included, evenly apart."""
    if len(labels) <= most:
        return list(labels)
    return [labels[round(n * (len(labels) - 1) / (most - 1))] for n in range(most)]
