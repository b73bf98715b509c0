"""Dates and times as people type them, and as browsers send them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone, translation

from tickets.platform.typed_dates import read_date, read_moment

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("text", ["18/11/2026", "2026-11-18", " 18/11/2026 "])
def test_a_date_is_read_in_both_notations(language, text):
    with translation.override(language):
        assert read_date(text) == date(2026, 11, 18)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("text", ["18/11/2026 14:30", "2026-11-18T14:30", "2026-11-18 14:30:00"])
def test_a_moment_is_read_in_its_zone(language, text):
    with translation.override(language):
        assert read_moment(text, PARIS) == datetime(2026, 11, 18, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "11/18/2026 10:00", "2026-13-01T10:00", "18/11/0001 10:00", "18/11/2026"]
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  (its caller says a sentence)
        read_moment(text, PARIS)


def test_a_time_that_a_night_has_twice_is_the_first():
    first = read_moment("25/10/2026 02:30", PARIS)
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("language", "hint"), [("en", "dd/mm/yyyy"), ("fr", "jj/mm/aaaa")])
def test_a_field_shows_the_readers_notation(language, hint):
    at = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)
    template = Template(
        "{% load wording %}{% moment_field 'at' at id='at' %}{% date_field 'day' '2026-11-18' id='day' %}"
    )
    with translation.override(language), timezone.override(PARIS):
        page = template.render(Context({"at": at}))
    assert 'value="18/11/2026 14:30"' in page
    assert 'value="18/11/2026"' in page
    assert f'placeholder="{hint}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["routing:slots", "routing:roster", "routing:what_if", "metrics:home"])
def test_no_field_of_a_page_is_in_the_browsers_language_alone(cast, client, name):
    client.force_login(cast.carol)
    page = client.get(reverse(name)).content.decode()
    assert page.count("data-date-field") >= 2
    assert 'type="time"' not in page
    assert page.count('type="date') == page.count("data-date-native")
