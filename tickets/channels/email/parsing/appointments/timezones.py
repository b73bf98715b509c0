"""Time zones of calendar files: by their IANA name, by the file's own definition, or by Windows' name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from tzlocal.windows_tz import tz_win, win_tz

OFFSET = re.compile(r"^([+-])(\d\d):?(\d\d)")
NAMED_OFFSET = re.compile(r"^\(?(?:GMT|UTC)\s?([+-]\d{1,2}):?(\d\d)?\)?", re.IGNORECASE)
STAMP = re.compile(r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)")
# Only yearly rules on existing days are evaluated: other rules define no clock change, and may never end.
_MONTH, _END = r"BYMONTH=(?:0?[1-9]|1[0-2])", r"UNTIL=\d{8}(?:T\d{6}Z?)?"
_DAY = r"(?:MO|TU|WE|TH|FR|SA|SU)"
YEARLY = re.compile(
    rf"^(?:(?:FREQ=YEARLY|INTERVAL=1|WKST={_DAY}|{_MONTH}|{_END}|BYDAY=[+-]?[1-4]{_DAY})(?:;|$))+$"
    rf"|^(?:(?:FREQ=YEARLY|INTERVAL=1|WKST={_DAY}|{_MONTH}|{_END}|BYDAY={_DAY}"
    r"|BYMONTHDAY=-?(?:[1-9]|1\d|2[0-8])(?:,-?(?:[1-9]|1\d|2[0-8])){0,9})(?:;|$))+$"
)
UNTIL = re.compile(r";?UNTIL=(\d{4})[^;]*")
ZONES, CHANGES = 20, 60  # at most, in one file


@dataclass(slots=True)
class Change:
    """One kind of clock change: its first date, its yearly rule, and the offsets before and after it."""

    begins: datetime
    before: timedelta
    offset: timedelta
    rule: str = ""

    def last_before(self, moment: datetime) -> datetime | None:
        """Return the last time of this change at or before a local moment, or None."""
        if moment < self.begins:
            return None
        until = UNTIL.search(self.rule)
        last_year = min(moment.year, int(until[1])) if until else moment.year
        if not self.rule or last_year < self.begins.year:
            return self.begins
        try:
            first = self.begins.replace(year=max(self.begins.year, last_year - 2), day=1, month=1)
            dates = rrulestr(UNTIL.sub("", self.rule), dtstart=first)
            last = dates.before(min(moment, moment.replace(year=last_year, month=12, day=31)), inc=True)
        except (ValueError, TypeError, OverflowError):
            return self.begins
        return last if isinstance(last, datetime) else self.begins


@dataclass(slots=True)
class Zones:
    """The zones defined in one calendar file, by name."""

    changes: dict[str, list[Change]] = field(default_factory=dict)

    def convert_to_utc(self, moment: datetime, name: str) -> datetime | None:
        """Convert a local moment of the named zone to UTC; return None if the zone is unknown.

        An IANA name takes precedence over the file's definition, because some programs define zones without
        summer time. For other names the file's definition is used, or else Windows' zone of that name.
        """
        try:
            if zone := find_iana_zone(name):
                return moment.replace(tzinfo=zone).astimezone(UTC)
            offset = self._find_offset(moment, name)
            if offset is not None:
                return (moment - offset).replace(tzinfo=UTC)
            zone = find_windows_zone(name)
            return moment.replace(tzinfo=zone).astimezone(UTC) if zone else None
        except OverflowError:
            return None

    def _find_offset(self, moment: datetime, name: str) -> timedelta | None:
        changes = self.changes.get(name, [])
        dated = [(at, change.offset) for change in changes if (at := change.last_before(moment)) is not None]
        if dated:
            return max(dated, key=lambda one: one[0])[1]
        return min(changes, key=lambda one: one.begins).before if changes else None


def read_zones(lines: list[tuple[str, str, str]]) -> Zones:
    """Return the zones defined in the lines (name, parameters, value) of a calendar file."""
    zones = Zones()
    name, fields, count = "", dict[str, str](), 0
    inside = ""
    pending: list[dict[str, str]] = []
    for key, _parameters, value in lines:
        if key == "BEGIN":
            inside = value.upper() if value.upper() in ("VTIMEZONE", "STANDARD", "DAYLIGHT") else inside
            if inside == "VTIMEZONE" and value.upper() == "VTIMEZONE":
                name, pending = "", []
            fields = {}
        elif key == "END" and value.upper() in ("STANDARD", "DAYLIGHT"):
            pending.append(fields)
            fields, inside, count = {}, "VTIMEZONE", count + 1
        elif key == "END" and value.upper() == "VTIMEZONE":
            changes = [change for change in map(_parse_change, pending) if change is not None]
            if name and changes and len(zones.changes) < ZONES:
                zones.changes.setdefault(name, changes)
            inside = ""
        elif inside == "VTIMEZONE" and key == "TZID":
            name = value
        elif inside and count < CHANGES:
            fields.setdefault(key, value)
    return zones


def _parse_change(fields: dict[str, str]) -> Change | None:
    stamp = STAMP.match(fields.get("DTSTART", ""))
    before, after = _parse_offset(fields.get("TZOFFSETFROM", "")), _parse_offset(fields.get("TZOFFSETTO", ""))
    if stamp is None or after is None:
        return None
    try:
        begins = datetime.strptime(stamp[0], "%Y%m%dT%H%M")  # noqa: DTZ007 - a local moment, by definition
    except ValueError:
        return None
    rule = fields.get("RRULE", "").upper()[:300]
    return Change(begins, after if before is None else before, after, rule if YEARLY.match(rule) else "")


def _parse_offset(text: str) -> timedelta | None:
    match = OFFSET.match(text)
    if not match:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


@lru_cache(maxsize=256)
def find_iana_zone(name: str) -> tzinfo | None:
    """Return the zone of an IANA name ("Europe/Paris"), also at the end of a longer path, or None."""
    pieces = name.strip().strip('"').split("/")
    for count in range(1, 4):
        candidate = "/".join(pieces[-count:])
        if candidate.upper() in ("UTC", "GMT", "ETC/UTC", "Z", "ETC/GMT"):
            return UTC
        if "/" in candidate and candidate in tz_win:
            return ZoneInfo(candidate)
    return _load_zone(name)


def _load_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return None


@lru_cache(maxsize=256)
def find_windows_zone(name: str) -> tzinfo | None:
    """Return the zone of a Windows name, of a city in it, or of a fixed offset, or None."""
    bare = re.sub(r"\s+\d+$", "", name.strip().strip('"'))
    if windows := win_tz.get(bare) or win_tz.get(f"{bare} Standard Time"):
        return ZoneInfo(windows)
    if summer := win_tz.get(bare.replace("Daylight Time", "Standard Time").replace("Summer", "Standard")):
        return ZoneInfo(summer)
    offset = NAMED_OFFSET.match(bare)
    for city in re.split(r"[,;/()]", bare[offset.end() :] if offset else ""):
        if zone := _CITIES.get(city.strip().lower()):
            return ZoneInfo(zone)
    if not offset:
        return None
    hours, minutes = int(offset[1]), int(offset[2] or 0)
    length = timedelta(hours=abs(hours), minutes=minutes)
    return timezone(-length if hours < 0 else length) if length < timedelta(hours=24) else None


_CITIES = {zone.rpartition("/")[2].replace("_", " ").lower(): zone for zone in tz_win if "/" in zone}
