"""Read single values of a payload: moments, whole numbers and short texts, with an error sentence each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tickets.channels.base import NotUnderstood
from tickets.customers.phone_numbers import parse_extension
from tickets.models import Channel
from tickets.platform.text import make_json_storable, make_storable

LONGEST_TEXT = 20_000
MACHINES = frozenset(
    {"queue", "ivr", "menu", "voicemail", "attendant", "autoattendant", "auto-attendant", "acd", "bot"}
)
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


def json_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, with storable texts. Raises NotUnderstood if it is not one."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(_("The body is not JSON."), code="not_json") from error
    if not isinstance(found, dict):
        raise NotUnderstood(_("The body is not a JSON object."), code="not_an_object")
    cleaned: dict[str, Any] = make_json_storable(found)
    return cleaned


def text(values: dict[str, Any], name: str, *, longest: int = 200) -> str:
    """Return a text without NUL, at most `longest` characters; "" if it is missing."""
    value = values.get(name)
    return "" if value is None else make_storable(str(value)).strip()[:longest]


def names_a_person(channel: Channel, reference: str) -> bool:
    """Tell whether the party that answered is a person: an address or an agent's extension.

    Where a channel lists its extensions, another one is a queue or a menu.
    """
    listed = channel.options.get("extensions") or {}
    if reference in listed:
        return True
    if extension := parse_extension(reference):
        return extension in listed or not listed
    return "@" in reference and reference.partition("@")[0].rpartition(":")[2].lower() not in MACHINES


def whole(values: dict[str, Any], name: str) -> int | None:
    """Return a whole number, or None if it is missing. Raises NotUnderstood for anything else."""
    given = values.get(name)
    if given is None or given == "":
        return None
    try:
        number = int(float(given))
    except (TypeError, ValueError, OverflowError) as error:
        raise _odd(name) from error
    if not 0 <= number < 10**7:
        raise _odd(name)
    return number


def moment(values: dict[str, Any], name: str) -> datetime | None:
    """Return an aware moment, or None if it is missing. Raises NotUnderstood for anything else.

    Accepted are ISO 8601 with a time zone, Unix seconds, and the format of mails (RFC 5322).
    """
    given = values.get(name)
    if given is None or given == "":
        return None
    found = _from_seconds(given) or _from_words(str(given))
    if found is None or found.tzinfo is None:
        raise _odd(name)
    return found


def _from_seconds(given: Any) -> datetime | None:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        return None
    return datetime.fromtimestamp(seconds, tz=UTC) if 0 < seconds < LATEST else None


def _from_words(given: str) -> datetime | None:
    try:
        return parse_datetime(given) or parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None


def _odd(name: str) -> NotUnderstood:
    return NotUnderstood(_("The value of “%(name)s” cannot be read.") % {"name": name}, code="odd_value")
