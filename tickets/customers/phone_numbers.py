"""Phone numbers in one form: E.164 wherever a number can be one."""

from __future__ import annotations

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


def normalise(text: str, *, regions: Iterable[str]) -> str:
    """Return a number as E.164, read as one of the regions where it has no country; "" when it cannot be one.

    The first region in which the number is valid wins; failing that, the first in which it is possible.
    """
    found = [parsed for region in regions if (parsed := _parse(text, region)) is not None]
    valid = next((number for number in found if phonenumbers.is_valid_number(number)), None)
    best = valid or next((number for number in found if _is_possible(number)), None)
    return phonenumbers.format_number(best, phonenumbers.PhoneNumberFormat.E164) if best else ""


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


def shown(number: str) -> str:
    """Return a number as people read it: "+33 6 12 34 56 78"; anything else as it is."""
    parsed = _parse(number, None)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


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
