"""Golden words for numbers, in both languages."""

import pytest
from django.utils import translation

from metrics.asking.durations import Quantile
from metrics.asking.figure import Share
from metrics.asking.intervals import OpenInterval
from metrics.pages import display
from tickets import wording

MINUTE, HOUR, DAY = 60, 3600, 86_400


def plain(words):
    return words.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (32, "32 s"),
        (4 * MINUTE, "4 min"),
        (3 * HOUR + 12 * MINUTE, "3 h 12"),
        (23 * HOUR + 59 * MINUTE, "23 h 59"),
        (DAY - 10, "1 d"),
        (DAY + 5 * HOUR, "1 d 5 h"),
        (5 * DAY + 143 * HOUR, "11 d"),
        (9 * DAY + 23.9 * HOUR, "10 d"),
        (1257 * DAY, "1,257 d"),
    ],
)
def test_durations(seconds, words):
    with translation.override("en"):
        assert plain(wording.format_duration(seconds)) == words


def test_a_nearly_whole_share_is_not_called_whole():
    with translation.override("en"):
        assert [plain(wording.format_percent(x)) for x in (0, 0.001, 0.914, 0.999, 1)] == [
            "0 %",
            "1 %",
            "91 %",
            "99 %",
            "100 %",
        ]


def test_few_observations_are_shown_as_k_of_n():
    with translation.override("en"):
        assert display.format_share(Share(4, 7)) == "4 of 7"
        assert display.format_share(Share(0, 0)) == "–"
        assert plain(display.format_share(Share(77, 85))) == "91 %"
        assert plain(display.format_percent_range(Share(77, 85).interval)) == "83–95 %"


def test_a_quantile_beyond_what_has_ended_says_so():
    with translation.override("en"):
        assert (
            plain(display.format_quantile(Quantile(0.9, None, OpenInterval(HOUR, None), 3 * HOUR)))
            == "more than 3 h 00"
        )
        assert plain(display.format_duration_range(OpenInterval(HOUR, None))) == "at least 1 h 00"


def test_thousands_are_set_apart_as_the_language_does():
    with translation.override("fr"):
        assert plain(wording.format_count(12345)) == "12 345"
