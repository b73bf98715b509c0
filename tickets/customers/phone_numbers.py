"""Parse and format phone numbers. Wherever possible they are stored as E.164 (+33612345678)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

# What providers send for a withheld number: words, and the same words on a keypad ("ANONYMOUS").
WITHHELD = frozenset(
    {
        "", "anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "blocked", "none",
        "asserted", "+266696687", "266696687", "+7378742833", "7378742833", "+2562533", "2562533",
        "+8656696", "8656696", "+86282452253", "86282452253",
    }
)  # fmt: skip

MIN_DIGITS = 7  # digits of a number that more than a house or a company dials
MAX_DIGITS = 15
MIN_SHORT_DIGITS = 3
NANP_DIGITS = 10  # digits of a North American number without its country
ADDRESS = re.compile(r"""^\s*[<"']*(?:sips?|tel):(?://)?(?P<user>[^@;>?]*)""", re.IGNORECASE)


def normalise_number(text: str, *, regions: Iterable[str]) -> str:
    """Return a number as E.164, or an empty text if it is not a possible number.

    A number without a country code is read as one of `regions` (ISO 3166 codes): the first in which it is
    valid, else the first in which its length is possible.
    """
    readings = [parsed for region in regions if (parsed := _parse(text, region)) is not None]
    valid = next((number for number in readings if phonenumbers.is_valid_number(number)), None)
    best = valid or next((number for number in readings if _is_possible(number)), None)
    return phonenumbers.format_number(best, phonenumbers.PhoneNumberFormat.E164) if best else ""


def parse_caller(text: str, *, region: str) -> str:
    """Return a caller's number as E.164; an empty text if there is none or it is ambiguous.

    A number is accepted only if it can be read in exactly one way (`list_readings`). A wrong guess would show
    one customer's tickets for another.
    """
    readings = list_readings(text, region=region)
    return readings[0] if len(readings) == 1 else ""


def list_readings(text: str, *, region: str) -> tuple[str, ...]:
    """Return every number, as E.164, that a caller's number may be; the one dialled in `region` first.

    A number with a plus or 00, or as it is dialled in `region`, is unambiguous. Any other may lack the
    region's leading 0, have its country code without a plus, or be North American.
    """
    told, text = text, _extract_number(text)
    digits = "".join(c for c in text if c.isdigit())
    is_name = text != told and any(c.isalpha() for c in text)
    if is_name or len(digits) < MIN_DIGITS:
        return ()
    if text.lstrip(" (").startswith("+") or digits.startswith("00"):
        return _some(normalise_number(text, regions=[region]))
    dialled = _parse_valid(text, region)
    if dialled and (digits.startswith("0") or not _dials_zero_first(region)):
        return (dialled,)
    if digits.startswith("0"):
        return ()
    american = _parse_valid(digits, "US") if len(digits) == NANP_DIGITS else ""
    return _some(dialled, _parse_valid(f"+{digits}", None), american)


def read_typed(text: str, *, regions: Iterable[str]) -> tuple[str, ...]:
    """Return every number, as E.164, that somebody may mean who types one without being heard.

    The first region in which it can be read counts; if it could be several, its writer is asked.
    """
    found = (list_readings(text, region=region) for region in regions)
    return next((numbers for numbers in found if numbers), ())


def read_with_plus(text: str) -> str:
    """Return digits without a prefix as the E.164 number that they would be with a plus; "" for others.

    It is not checked against the countries' plans: it says something only if somebody has that number.
    """
    user = _extract_number(text)
    digits = "".join(c for c in user if c.isdigit())
    is_bare = not any(c.isalpha() for c in user) and not digits.startswith("0") and "+" not in text
    return f"+{digits}" if is_bare and MIN_DIGITS <= len(digits) <= MAX_DIGITS else ""


def parse_short_number(text: str) -> str:
    """Return the digits of a short or foreign number that is not E.164; an empty text if it is no number.

    A SIP address without a phone number and a text of one or two digits are no numbers.
    """
    user, digits = _extract_number(text), "".join(c for c in text if c.isdigit())
    is_address = user != text
    if is_address and not (user.isdecimal() and len(user) >= MIN_DIGITS):
        return ""
    digits = user if is_address else digits
    is_nothing = text.lstrip().startswith("-") or not digits.strip("0") or len(digits) < MIN_SHORT_DIGITS
    return "" if is_nothing else digits[:20]


def parse_extension(text: str) -> str:
    """Return the extension (2 to 5 digits) in a text such as "201" or "sip:201@pbx"; else an empty text."""
    user = _extract_number(text).strip()
    return user if user.isdecimal() and 2 <= len(user) <= 5 else ""


def is_withheld(text: str) -> bool:
    """Tell whether this is what a provider sends if the caller withholds their number."""
    return text.strip().strip('"<>').lower() in WITHHELD


def may_be_called(number: str) -> bool:
    """Tell whether we may call a number that a visitor entered: not if it is premium-rate or shared-cost."""
    parsed = _parse(number, None)
    if parsed is None or not _is_possible(parsed):
        return False
    costly = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)
    return phonenumbers.number_type(parsed) not in costly


def format_number(number: str) -> str:
    """Return a number in the international format, "+33 6 12 34 56 78"; any other text unchanged."""
    parsed = _parse(number, None)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _extract_number(text: str) -> str:
    """Return the number in "sip:+33612345678@host;user=phone"; a text that is no such address unchanged."""
    match = ADDRESS.match(text)
    return match["user"] if match else text


def _some(*numbers: str) -> tuple[str, ...]:
    """Return the numbers that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(number for number in numbers if number))


def _parse_valid(text: str, region: str | None) -> str:
    parsed = _parse(text, region)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _dials_zero_first(region: str) -> bool:
    """Tell whether national numbers of a region are dialled with a leading 0."""
    return phonenumbers.ndd_prefix_for_region(region, True) == "0"


def _parse(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text.strip()[:60], region)
    except phonenumbers.NumberParseException:
        return None


def _is_possible(number: phonenumbers.PhoneNumber) -> bool:
    """Tell whether a number has a length that can be dialled from anywhere in its country."""
    return bool(
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
