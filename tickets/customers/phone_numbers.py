"""Phone numbers in one form: E.164 wherever a number can be one."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

# What providers send instead of a withheld number: words, and the words typed on a keypad.
WITHHELD = frozenset(
    {
        "", "anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "blocked", "none",
        "asserted", "+266696687", "266696687", "+7378742833", "7378742833", "+2562533", "2562533",
        "+8656696", "8656696", "+86282452253", "86282452253",
    }
)  # fmt: skip

MIN_DIGITS = 7  # digits of a number that more than a house or a company dials
MIN_SHORT_DIGITS = 3
NANP_DIGITS = 10  # digits of a North American number without its country
ADDRESS = re.compile(r"""^\s*[<"']*(?:sips?|tel):(?://)?(?P<user>[^@;>?]*)""", re.IGNORECASE)


def normalise_number(text: str, *, regions: Iterable[str]) -> str:
    """Return a number as E.164, read as one of the regions where it has no country; "" when it cannot be one.

    The first region in which the number is valid wins; failing that, the first in which it is possible.
    """
    found = [parsed for region in regions if (parsed := _parse(text, region)) is not None]
    valid = next((number for number in found if phonenumbers.is_valid_number(number)), None)
    best = valid or next((number for number in found if _is_possible(number)), None)
    return phonenumbers.format_number(best, phonenumbers.PhoneNumberFormat.E164) if best else ""


def parse_caller(text: str, *, region: str) -> str:
    """Return a caller's number as E.164; "" where none was told, or one that could be several.

    With a plus, or as it is dialled in `region`, a number is one. Without, it may lack the region's own
    prefix, be written with its country but no plus, or be North American: it is read only where one reading
    is valid. Nobody is taken for somebody else by a guess.
    """
    text = _extract_number(text)
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < MIN_DIGITS:
        return ""
    if text.lstrip(" (").startswith("+") or digits.startswith("00"):
        return normalise_number(text, regions=[region])
    dialled = _parse_valid(text, region)
    if dialled and (digits.startswith("0") or not _dials_zero_first(region)):
        return dialled
    if digits.startswith("0"):
        return ""
    readings = {
        dialled,
        _parse_valid(f"+{digits}", None),
        _parse_valid(digits, "US") if len(digits) == NANP_DIGITS else "",
    }
    readings.discard("")
    return readings.pop() if len(readings) == 1 else ""


def parse_short_number(text: str) -> str:
    """Return the digits of a short or foreign number that we cannot read; "" where it names no line at all.

    A SIP address without a number names a person or a device of somebody's own, and a digit or two say
    only that there is no number.
    """
    user, digits = _extract_number(text), "".join(c for c in text if c.isdigit())
    is_address = user != text
    if is_address and not (user.isdecimal() and len(user) >= MIN_DIGITS):
        return ""
    digits = user if is_address else digits
    is_nothing = text.lstrip().startswith("-") or not digits.strip("0") or len(digits) < MIN_SHORT_DIGITS
    return "" if is_nothing else digits[:20]


def parse_extension(text: str) -> str:
    """Return the extension that a text names, "201" or "sip:201@pbx"; "" where it is none."""
    user = _extract_number(text).strip()
    return user if user.isdecimal() and 2 <= len(user) <= 5 else ""


def is_withheld(text: str) -> bool:
    """Tell whether a provider says in this way that the caller hides their number."""
    return text.strip().strip('"<>').lower() in WITHHELD


def may_be_called(number: str) -> bool:
    """Tell whether we call a number that a stranger gave us: never one that costs extra."""
    parsed = _parse(number, None)
    if parsed is None or not _is_possible(parsed):
        return False
    costly = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)
    return phonenumbers.number_type(parsed) not in costly


def format_number(number: str) -> str:
    """Return a number as people read it: "+33 6 12 34 56 78"; anything else as it is."""
    parsed = _parse(number, None)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _extract_number(text: str) -> str:
    """Return the number in "sip:+33612345678@host;user=phone", or a text that is no such address as it is."""
    found = ADDRESS.match(text)
    return found["user"] if found else text


def _parse_valid(text: str, region: str | None) -> str:
    parsed = _parse(text, region)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _dials_zero_first(region: str) -> bool:
    """Tell whether people of a region dial 0 before their national numbers."""
    return phonenumbers.ndd_prefix_for_region(region, True) == "0"


def _parse(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text.strip()[:60], region)
    except phonenumbers.NumberParseException:
        return None


def _is_possible(number: phonenumbers.PhoneNumber) -> bool:
    """Tell whether a number has a length that its country dials from anywhere."""
    return bool(
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
