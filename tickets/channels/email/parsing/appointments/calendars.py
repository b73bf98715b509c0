"""Read appointments from the calendar files of a mail; they are only shown. Source: RFC 5545."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from tickets.channels.email.parsing.appointments.timezones import Zones, read_zones
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.mime import Part

PARTS, BYTES, LINES, EVENTS, CHARACTERS = 20, 200_000, 5_000, 20, 500
MOMENT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$")
LENGTH = re.compile(r"^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$")
CALENDAR_TYPES = ("text/calendar", "application/ics", "text/x-vcalendar", "application/calendar", "text/ics")
CALENDAR_NAMES = (".ics", ".ical", ".icalendar", ".ifb", ".vcs")
BEGINNINGS = (b"BEGIN:VCALENDAR", b"QkVHSU46VkNBTEVOREFS")  # the second is the first in base64
PARTSTAT = re.compile(r"PARTSTAT=\"?([A-Za-z-]{1,20})", re.IGNORECASE)
MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True, slots=True)
class Invitation:
    """One appointment. `starts` and `ends` are ISO texts, in UTC, or in `zone` if that zone is unknown."""

    summary: str = ""
    starts: str = ""
    ends: str = ""
    all_day: bool = False
    zone: str = ""
    place: str = ""
    organiser: str = ""
    method: str = ""
    attendee: str = ""  # the person who answers an invitation
    answer: str = ""  # ACCEPTED, DECLINED, TENTATIVE …


def read_invitations(root: Part, decoder: Decoder, defects: list[str]) -> tuple[Invitation, ...]:
    """Return the appointments of the first calendar parts, each once."""
    invitations: dict[Invitation, None] = {}
    calendars = (part for part in root.walk() if _is_calendar(part))
    for part in islice(calendars, PARTS):
        if len(invitations) < EVENTS:
            text = decoder.decode(part.content(defects)[:BYTES], part.parameters.get("charset", "utf-8"))
            invitations.update(dict.fromkeys(_read_events(text, part.parameters.get("method", ""))))
    return tuple(invitations)[:EVENTS]


def _is_calendar(part: Part) -> bool:
    """Return whether a part is a calendar file, by its type, its name, or its first bytes."""
    if part.children:
        return False
    if part.content_type in CALENDAR_TYPES:
        return True
    if part.content_type.startswith(("text/", "application/")) and part.file_name.lower().endswith(
        CALENDAR_NAMES
    ):
        return True
    return part.content_type == "application/octet-stream" and part.raw[:200].lstrip().startswith(BEGINNINGS)


def _read_events(text: str, method: str) -> list[Invitation]:
    events: list[Invitation] = []
    fields: dict[str, tuple[str, str]] | None = None
    nested = 0
    lines = [_split_line(line) for line in re.sub(r"\r?\n[ \t]", "", text).splitlines()[:LINES]]
    zones = read_zones(lines) if "BEGIN:VTIMEZONE" in text else Zones()
    for name, parameters, value in lines:
        if name == "METHOD":
            method = value
        elif name == "BEGIN" and fields is None and value.upper() == "VEVENT":
            fields, nested = {}, 0
        elif fields is not None and name in ("BEGIN", "END"):
            nested += 1 if name == "BEGIN" else -1
            if nested < 0:
                events.append(_build_invitation(fields, method, zones))
                fields = None
        elif fields is not None and not nested:
            fields.setdefault(name, (parameters, value))
    return events[:EVENTS]


def _split_line(line: str) -> tuple[str, str, str]:
    """Return name, parameters and value of a line; a colon within quotes is part of a parameter."""
    quoted = False
    for place, character in enumerate(line[:4_000]):
        quoted ^= character == '"'
        if character == ":" and not quoted:
            name, _, parameters = line[:place].partition(";")
            return name.strip().upper(), parameters, line[place + 1 :].strip()
    return "", "", ""


def _build_invitation(fields: dict[str, tuple[str, str]], method: str, zones: Zones) -> Invitation:
    starts, all_day, zone = _parse_moment(*fields.get("DTSTART", ("", "")), zones)
    ends, _, _ = _parse_moment(*fields.get("DTEND", ("", "")), zones)
    method = re.sub(r"[^A-Z]", "", method.upper())[:20]
    is_answer = method in ("REPLY", "COUNTER")
    answer = PARTSTAT.search(fields.get("ATTENDEE", ("", ""))[0]) if is_answer else None
    if starts and not ends and "DURATION" in fields:
        ends = _add_duration(starts, fields["DURATION"][1])
    if all_day and starts and ends and ends > starts:  # the end of an all-day event is the following day
        ends -= timedelta(days=1)
    return Invitation(
        summary=_read_text(fields, "SUMMARY"),
        starts=starts.isoformat() if starts else "",
        ends=ends.isoformat() if ends and ends != starts else "",
        all_day=all_day,
        zone=zone,
        place=_read_text(fields, "LOCATION"),
        organiser=MAILTO.sub("", _read_text(fields, "ORGANIZER")),
        method=method,
        attendee=MAILTO.sub("", _read_text(fields, "ATTENDEE")) if is_answer else "",
        answer=answer[1].upper() if answer else "",
    )


def _read_text(fields: dict[str, tuple[str, str]], name: str) -> str:
    value = fields.get(name, ("", ""))[1][:CHARACTERS]
    plain = ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
    return "".join(c for c in plain if c.isprintable() or c == "\n").strip()


def _parse_moment(parameters: str, value: str, zones: Zones) -> tuple[datetime | None, bool, str]:
    """Return the moment, whether it is an all-day date, and the name of its time zone if it is unknown."""
    match = MOMENT.match(value)
    if not match:
        return None, False, ""
    year, month, day, hour, minute, second, is_utc = match.groups()
    try:
        moment = datetime.combine(
            date(int(year), int(month), int(day)), time(int(hour or 0), int(minute or 0), int(second or 0))
        )
    except ValueError:
        return None, False, ""
    if hour is None:
        return moment.replace(tzinfo=UTC), True, ""
    named = re.search(r"TZID=(?:\"([^\"]{1,120})\"|([^\";:]{1,120}))", parameters)
    if is_utc or not named:
        return moment.replace(tzinfo=UTC), False, "" if is_utc else "local time"
    name = (named[1] or named[2]).strip()
    known = zones.convert_to_utc(moment, name)
    return (known, False, "") if known else (moment.replace(tzinfo=UTC), False, name)


def _add_duration(starts: datetime, length: str) -> datetime | None:
    match = LENGTH.match(length)
    if not match:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    try:
        return starts + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
