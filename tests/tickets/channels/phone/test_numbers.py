"""Numbers in one form."""

import pytest

from tickets.channels.phone.adapter import number_in
from tickets.customers import phone_numbers
from tickets.models import Channel


@pytest.mark.parametrize(
    ("text", "regions", "number"),
    [
        ("06 12 34 56 78", ["FR"], "+33612345678"),
        ("+33 (0)6 12 34 56 78", ["GB"], "+33612345678"),
        ("0033612345678", ["FR"], "+33612345678"),
        ("020 7946 0018", ["GB"], "+442079460018"),
        ("020 7946 0018", ["FR", "GB"], "+442079460018"),
        ("3631", ["FR"], ""),
        ("", ["FR"], ""),
        ("hello", ["FR"], ""),
        ("+" + "9" * 200, ["FR"], ""),
    ],
)
def test_number_becomes_e164(text, regions, number):
    assert phone_numbers.normalise(text, regions=regions) == number


@pytest.mark.parametrize(
    "text", ["", "Anonymous", "anonymous", "unknown", "+266696687", "Restricted", '"private"']
)
def test_withheld_number_is_none(text):
    assert phone_numbers.is_withheld(text)
    assert number_in(Channel(slug="phone"), text) == ""


def test_short_number_keeps_its_digits():
    assert number_in(Channel(slug="phone", language="fr"), "36 31") == "3631"


def test_number_is_shown_as_people_read_it():
    assert phone_numbers.shown("+33612345678") == "+33 6 12 34 56 78"
    assert phone_numbers.shown("3631") == "3631"
