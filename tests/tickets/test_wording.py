"""Times, ranges, durations and opening hours in words, in both languages."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from tickets import wording
from tickets.hours import wording as opening_words
from tickets.hours.business_time import Rule

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday, 13:00 in Paris


def plain(words):
    """Return a text with plain spaces instead of no-break spaces."""
    return words.replace("\u00a0", " ").replace("\u2060", "")


@pytest.mark.parametrize(
    ("start", "end", "english", "french"),
    [
        (90, 180, "today between 14:30 and 16:00", "aujourd'hui entre 14 h 30 et 16 h"),
        (-10, 60, "today before 14:00", "aujourd'hui avant 14 h"),
        (24 * 60, 25 * 60, "tomorrow between 13:00 and 14:00", "demain entre 13 h et 14 h"),
        (10 * 60, 20 * 60, "between today 23:00 and tomorrow 09:00", "entre aujourd'hui 23 h et demain 9 h"),
        (
            5 * 24 * 60,
            5 * 24 * 60 + 60,
            "Monday 23 November between 13:00 and 14:00",
            "lundi 23 novembre entre 13 h et 14 h",
        ),
    ],
)
def test_span_is_said(start, end, english, french):
    span = NOW + timedelta(minutes=start), NOW + timedelta(minutes=end)
    for language, words in (("en", english), ("fr", french)):
        with translation.override(language):
            assert plain(wording.format_range(*span, now=NOW, zone=PARIS)) == words


def test_day_of_another_year_names_it():
    assert wording.format_day(datetime(2027, 1, 4, tzinfo=PARIS), now=NOW) == "Monday 4 January 2027"


def test_day_is_the_one_where_the_moment_is():
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert wording.format_moment(late, now=NOW, zone=PARIS) == "tomorrow, 00:30"
    assert wording.format_moment(late, now=NOW, zone=UTC) == "today, 23:30"


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "0 s"), (32, "32 s"), (59.6, "1 min"), (245, "4 min"), (3840, "1 h 04")]
)
def test_length_is_said(seconds, words):
    assert wording.format_length(seconds) == words


@pytest.mark.parametrize("name", ["", "Nowhere/Atall", "../etc/passwd", "\x00", "x" * 300])
def test_zone_that_does_not_exist_is_the_default(name):
    assert wording.find_zone(name).key == "Europe/Paris"


def test_zone_is_named_by_its_city():
    assert wording.format_zone(ZoneInfo("America/New_York")) == "New York time"
    assert wording.format_zone(UTC) == ""


WEEK = [Rule(day, time(9), time(12)) for day in range(5)] + [
    Rule(day, time(14), time(18)) for day in range(5)
]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([], ""),
        (WEEK, "Monday to Friday 09:00–12:00 and 14:00–18:00"),
        (
            [*WEEK, Rule(5, time(9), time(12))],
            "Monday to Friday 09:00–12:00 and 14:00–18:00, Saturday 09:00–12:00",
        ),
        ([Rule(0, time(9), time(12)), Rule(1, time(9), time(12))], "Monday and Tuesday 09:00–12:00"),
        (
            [Rule(0, time(9), time(12)), Rule(2, time(9), time(12))],
            "Monday 09:00–12:00, Wednesday 09:00–12:00",
        ),
        ([Rule(6, time(0), time(0))], "Sunday all day"),
        ([Rule(6, time(18), time(0))], "Sunday 18:00–midnight"),
    ],
)
def test_week_is_said(rules, words):
    assert plain(opening_words.describe_week(rules)) == words


@pytest.mark.parametrize(
    ("day", "english", "french"),
    [(1, "Tuesday 1 December", "mardi 1er décembre"), (2, "Wednesday 2 December", "mercredi 2 décembre")],
)
def test_the_first_of_a_month_in_both_languages(day: int, english: str, french: str):
    at = datetime(2026, 12, day, 9, tzinfo=PARIS)
    for language, words in (("en", english), ("fr", french)):
        with translation.override(language):
            assert wording.format_day(at, now=NOW) == words


def test_times_that_django_writes_look_like_ours_in_both_languages():
    at = datetime(2026, 11, 30, 9, 5, tzinfo=PARIS)
    written = {}
    for language in ("en", "fr"):
        with translation.override(language):
            written[language] = plain(date_format(at, "DATETIME_FORMAT"))
    assert written == {"en": "30 November 2026, 09:05", "fr": "30 novembre 2026 à 9 h 05"}


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (1, "1 kB", "1 ko"),
        (84 * 1024, "84 kB", "84 ko"),
        (1024 * 1024 - 1, "1 MB", "1 Mo"),
        (1_258_291, "1.2 MB", "1,2 Mo"),
        (25 * 1024 * 1024, "25 MB", "25 Mo"),
    ],
)
def test_size_is_said(number, english, french):
    assert wording.format_size(number) == english
    with translation.override("fr"):
        assert wording.format_size(number) == french


def test_numbers_follow_the_language():
    numbers = wording.format_decimal(1.25, 2), wording.format_percent(0.913, 1), wording.format_count(12345)
    assert [plain(words) for words in numbers] == ["1.25", "91.3 %", "12,345"]
    with translation.override("fr"):
        assert [plain(wording.format_decimal(1.25, 2)), plain(wording.format_percent(0.913, 1))] == [
            "1,25",
            "91,3 %",
        ]


def test_moment_that_is_read_later_has_its_date():
    at = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)
    with timezone.override(PARIS):
        assert wording.format_full_moment(at) == "18 November 2026, 14:30"
        assert wording.format_full_date(datetime(2026, 11, 18, 23, 30, tzinfo=UTC)) == "19 November 2026"
        with translation.override("fr"):
            assert plain(wording.format_full_moment(at)) == "18 novembre 2026 à 14 h 30"


# Digits on a clock that goes by seconds, and days and ranges without a time, are no moments in words.
OTHER_FORMATS = re.compile(
    r"filesizeformat|naturaltime|timesince|\|date:.(?:\w*TIME_FORMAT|DATE_FORMAT|[^'\"T]*[Hg]:i)"
)
OTHER_CALLS = re.compile(r"filesizeformat|strftime\(|time_format\(|number_format\(|naturaltime")
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("helpdesk", "metrics", "routing", "tickets")


def files_with(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.suffix in suffixes]
    return [str(path.relative_to(ROOT)) for path in paths if pattern.search(path.read_text(encoding="utf-8"))]


def test_pages_say_times_and_sizes_by_the_one_module():
    assert files_with(OTHER_FORMATS, ".html", ".txt") == []


def test_code_says_times_and_sizes_by_the_one_module():
    assert files_with(OTHER_CALLS, ".py") == ["tickets/wording.py"]
