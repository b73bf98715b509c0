"""Public holidays of countries and their regions, from the `holidays` library.

A place is written `FR` (ISO 3166-1), or `FR-57` with the library's code of the region. Importing the library
costs half a second and 30 MB, so it is imported only when a calendar is computed or its settings are shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import phonenumbers
from django.utils.translation import gettext as _

from tickets.errors import Invalid

if TYPE_CHECKING:
    from holidays import HolidayBase

COMPARED_YEARS = range(2024, 2034)


def find_public_holidays(place: str, first: date, last: date, language: str = "") -> dict[date, str]:
    """Return a place's public holidays from `first` to `last` (both included): date to name, in order.

    The names are in `language` (such as "fr") if the library has them, else in the country's language.

    Raises:
        Invalid: the library does not know the place.
    """
    years = range(first.year, last.year + 1)
    days = _load_place(place, years, _choose_language(_load_place(place), language))
    return {day: name for day, name in sorted(days.items()) if first <= day <= last}


@cache
def list_places(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of every known place, sorted by name; `language` is that of the names."""
    from holidays import list_supported_countries  # noqa: PLC0415 - costly: see the module's docstring

    names = _load_country_names(language)
    places = {}
    for country, regions in list_supported_countries(include_aliases=False).items():
        name = names.get(country, country)
        places[country] = name
        for code, region in _name_regions(country, regions).items():
            places[f"{country}-{code}"] = f"{name} · {region}"
    return tuple(sorted(places.items(), key=lambda place: _sorting_key(place[1])))


def _load_place(place: str, years: range | None = None, language: str | None = None) -> HolidayBase:
    """Return the library's calendar of a place, filled for `years`. Raises Invalid for an unknown place."""
    from holidays import country_holidays  # noqa: PLC0415 - costly: see the module's docstring

    country, _dash, region = place.partition("-")
    try:
        return country_holidays(country, subdiv=region or None, years=years, language=language)
    except NotImplementedError:
        raise Invalid(
            _("No public holidays are known for %(place)s. Choose a place, or enter closed days.")
            % {"place": place},
            code="unknown_holidays",
        ) from None


def _choose_language(days: HolidayBase, language: str) -> str | None:
    """Return the library's code of a language (`en_US` for "en"), or None if it has no names in it."""
    supported = days.supported_languages
    matching = [name for name in supported if name == language or name.partition("_")[0] == language]
    return matching[0] if language and matching else None


def _name_regions(country: str, regions: list[str]) -> dict[str, str]:
    """Return the names of a country's regions by code, without zones of school holidays.

    A code without a name is listed under its code if it has public holidays of its own.
    """
    aliases = _load_place(country).get_subdivision_aliases()
    named = {
        code: " / ".join(name for name in aliases[code] if len(name) > 2 and not name.isupper())
        for code in regions
    }
    return {code: name or code for code, name in named.items() if name or _has_days_of_its_own(country, code)}


def _has_days_of_its_own(country: str, region: str) -> bool:
    whole, part = (_load_place(place, COMPARED_YEARS) for place in (country, f"{country}-{region}"))
    return set(whole) != set(part)


def _load_country_names(language: str) -> Mapping[str, str]:
    """Return the countries' names in a language, by code.

    They are in one file of the `geodata` package of `phonenumbers`. The file is loaded alone, since importing
    the package would load 100 MB of phone prefixes.
    """
    path = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location("phonenumbers.geodata.locale", path)
    if spec is None or spec.loader is None:
        return {}
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    names: dict[str, dict[str, str]] = module.LOCALE_DATA
    resolved = {}
    for country, by_language in names.items():
        name = by_language.get(language, "")
        # "*aa" means: the same as in language "aa"
        resolved[country] = by_language.get(name[1:], "") if name.startswith("*") else name
    return {country: name for country, name in resolved.items() if name}


def _sorting_key(name: str) -> str:
    """Return a name without accents and capitals, so that "Île" is sorted under I."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
