"""Public holidays, computed: France (labour code L3133-1) and Alsace-Moselle's two more (L3134-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

FRENCH_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))


def easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the anonymous algorithm, Meeus, Astronomical Algorithms)."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    epact = (skipped + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def france(year: int) -> set[date]:
    """Return the eleven days of the labour code."""
    moving = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
    return {date(year, *day) for day in FRENCH_FIXED} | {easter(year) + timedelta(n) for n in moving}


def alsace_moselle(year: int) -> set[date]:
    """Return France's days with Good Friday and 26 December."""
    return france(year) | {easter(year) - timedelta(2), date(year, 12, 26)}


# A named list: a code that nobody has checked would close a company on the wrong days.
KNOWN: dict[str, Callable[[int], set[date]]] = {"FR": france, "FR-57": alsace_moselle}
