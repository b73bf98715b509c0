"""The Date field, in the form of RFC 5322 or as ISO 8601, which some programs write."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from tickets.channels.email.parsing.headers import Headers

ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,6})?\s*(?:Z|[+-]\d\d:?\d\d)?")
EARLIEST, LATEST = 1970, 2200


def parse_date(headers: Headers, defects: list[str]) -> datetime | None:
    """Return the mail's Date in UTC, or None if it cannot be read. A missing time zone is read as UTC."""
    text = headers.get("date")[:200].decode("ascii", "replace").strip()
    if not text:
        return None
    moment = _parse_rfc5322(text) or _parse_iso(text)
    if moment is None or not EARLIEST <= moment.year <= LATEST:
        defects.append("the date cannot be read")
        return None
    return moment


def _parse_rfc5322(text: str) -> datetime | None:
    try:
        fields = parsedate_tz(text)
        if fields is None:
            return None
        zone = timezone(timedelta(seconds=fields[9] or 0))
        return datetime(*fields[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parse_iso(text: str) -> datetime | None:
    match = ISO.match(text)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", match[0]))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
