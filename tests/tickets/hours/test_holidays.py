"""Public holidays of countries and regions: the right days, with names in the reader's language."""

import subprocess
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.runtime.environment import REPOSITORY
from tests.tickets.hours.test_opening_hours import office
from tickets.clock import database_now
from tickets.errors import Invalid
from tickets.hours import opening_hours
from tickets.hours.holidays import find_public_holidays, list_places

FRANCE_2026 = {
    (1, 1),
    (4, 6),
    (5, 1),
    (5, 8),
    (5, 14),
    (5, 25),
    (7, 14),
    (8, 15),
    (11, 1),
    (11, 11),
    (12, 25),
}


def days_of_2026(place: str) -> set[tuple[int, int]]:
    return {(day.month, day.day) for day in find_public_holidays(place, date(2026, 1, 1), date(2026, 12, 31))}


@pytest.mark.parametrize(
    ("place", "days"),
    [
        ("FR", FRANCE_2026),
        ("FR-57", FRANCE_2026 | {(4, 3), (12, 26)}),  # labour code L3134-13: Good Friday and Saint Stephen's
        ("FR-6AE", FRANCE_2026 | {(4, 3), (12, 26)}),
        ("FR-974", FRANCE_2026 | {(12, 20)}),  # the end of slavery
        ("DE-BE", {(1, 1), (3, 8), (4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (10, 3), (12, 25), (12, 26)}),
        ("CH-GE", {(1, 1), (4, 3), (4, 6), (5, 14), (5, 25), (8, 1), (9, 10), (12, 25), (12, 31)}),
        (
            "GB-SCT",
            {
                (1, 1),
                (1, 2),
                (4, 3),
                (5, 4),
                (5, 25),
                (6, 15),
                (8, 3),
                (11, 30),
                (12, 25),
                (12, 26),
                (12, 28),
            },
        ),
    ],
)
def test_days_of_a_place(place: str, days: set[tuple[int, int]]):
    assert days_of_2026(place) == days


def test_only_the_days_asked_for_come_back_both_ends_included():
    found = find_public_holidays("FR", date(2026, 12, 25), date(2027, 1, 1))
    assert list(found) == [date(2026, 12, 25), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("place", "language", "name"),
    [
        ("FR", "en", "Christmas Day"),
        ("FR", "fr", "Noël"),
        ("CH-GE", "fr", "Noël"),
        ("GB", "en", "Christmas Day"),
        ("DE", "fr", "Erster Weihnachtstag"),  # the library has no French for it: the country's own
        ("DE", "", "Erster Weihnachtstag"),
    ],
)
def test_names_are_in_the_readers_language_else_in_the_countrys(place: str, language: str, name: str):
    noel = date(2026, 12, 25)
    assert find_public_holidays(place, noel, noel, language)[noel] == name


@pytest.mark.parametrize("place", ["67", "XX", "FR-99", "fr", "Paris", "FR-"])
def test_an_unknown_place_is_refused_not_guessed(place: str):
    if place == "FR-":
        assert find_public_holidays(place, date(2026, 7, 14), date(2026, 7, 14))
        return
    with pytest.raises(Invalid, match=place):
        find_public_holidays(place, date(2026, 1, 1), date(2026, 1, 1))


def test_places_are_offered_in_the_readers_language():
    english, french = dict(list_places("en")), dict(list_places("fr"))
    assert (english["DE-BY"], french["DE-BY"]) == ("Germany · Bayern", "Allemagne · Bayern")
    assert french["CH-GE"] == "Suisse · Genève"
    assert english["GB-SCT"] == "United Kingdom · Scotland"
    assert french["FR-57"] == "France · Moselle"
    assert list(english.values()).index("Åland Islands") < list(english.values()).index("Albania")


def test_zones_of_school_holidays_are_not_offered_as_places():
    offered = dict(list_places("en"))
    assert "FR-Zone A" not in offered
    assert "DE-Augsburg" in offered  # no name beside its code, but a holiday of its own


def test_every_place_that_is_offered_can_be_stored_and_read():
    for place, _name in list_places("en"):
        assert len(place) <= 20
        find_public_holidays(place, date(2026, 1, 1), date(2026, 12, 31))


def test_the_library_is_not_read_before_it_is_needed():
    code = (
        "import sys, django; django.setup(); import helpdesk.urls, tickets.sweeps; "
        "sys.exit('holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False, timeout=120)
    assert done.returncode == 0


@pytest.fixture
def settings_page(cast):
    """Return a function that opens or posts the settings page of a calendar as the administrator."""
    client = Client()
    client.force_login(cast.admin)

    def opened(calendar, language="en", **post):
        type(cast.admin).objects.filter(pk=cast.admin.pk).update(language=language)
        address = reverse("admin:tickets_calendar_change", args=[calendar.pk])
        return client.post(address, post) if post else client.get(address)

    return opened


def sent(**fields) -> dict[str, str]:
    """Return the data of the settings form, with unchanged lists of rules and days."""
    empty = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    lists = {f"{name}-{key}": value for name in ("rules", "holidays") for key, value in empty.items()}
    return {"name": "Office", "time_zone": "Europe/Paris", **lists, **fields}


@pytest.mark.django_db
def test_the_settings_page_offers_places_and_lists_the_days_ahead(settings_page):
    shown = settings_page(office(holidays_of="FR-57"), language="fr").content.decode()
    assert '<option value="FR-57" selected>France · Moselle</option>' in shown
    assert '<option value="DE-BY">Allemagne · Bayern</option>' in shown
    assert "Vendredi saint" in shown


@pytest.mark.django_db
def test_a_chosen_place_is_kept_and_counts_at_once(settings_page):
    calendar = office()
    assert settings_page(calendar, **sent(holidays_of="DE-BY")).status_code == 302
    calendar.refresh_from_db()
    assert calendar.holidays_of == "DE-BY"
    epiphany = datetime(database_now().year + 1, 1, 6, 10, tzinfo=ZoneInfo("Europe/Paris"))
    assert not opening_hours.load_hours(calendar).is_open(epiphany)


@pytest.mark.django_db
def test_a_stored_place_that_is_no_longer_known_is_shown_and_refused_in_words(settings_page):
    calendar = office(holidays_of="FR-OLD")
    assert '<option value="FR-OLD" selected>FR-OLD</option>' in settings_page(calendar).content.decode()
    answer = settings_page(calendar, **sent(holidays_of="FR-OLD"))
    assert "No public holidays are known for FR-OLD" in answer.content.decode()
