"""Numbers in one form."""

import pytest

from tickets.channels.phone.adapter import read_number
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
    assert phone_numbers.normalise_number(text, regions=regions) == number


@pytest.mark.parametrize(
    "text", ["", "Anonymous", "anonymous", "unknown", "+266696687", "Restricted", '"private"']
)
def test_withheld_number_is_none(text):
    assert phone_numbers.is_withheld(text)
    assert read_number(Channel(slug="phone"), text) == ""


def test_short_number_keeps_its_digits():
    assert read_number(Channel(slug="phone", language="fr"), "36 31") == "3631"


def test_number_is_shown_as_people_read_it():
    assert phone_numbers.format_number("+33612345678") == "+33 6 12 34 56 78"
    assert phone_numbers.format_number("3631") == "3631"


def read(text, region="FR"):
    return read_number(Channel(slug="phone", options={"region": region}), text)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+33612345678", "GB", "+33612345678"),
        ("0612345678", "FR", "+33612345678"),
        ("33612345678", "FR", "+33612345678"),
        ("4915112345678", "FR", "+4915112345678"),
        ("12025550123", "FR", "+12025550123"),
        ("2025550123", "FR", "+12025550123"),
        ("4155550123", "GB", "+14155550123"),
        ("2025550123", "US", "+12025550123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("sip:+33612345678@trunk.example;user=phone", "FR", "+33612345678"),
        ("<sip:0612345678@trunk.example>", "FR", "+33612345678"),
        ("tel:+33612345678", "FR", "+33612345678"),
    ],
)
def test_a_number_with_one_reading_is_read(text, region, number):
    assert read(text, region) == number


@pytest.mark.parametrize("text", ["493012345", "493012346"])
def test_a_number_that_could_be_two_is_taken_for_nobodys_other_number(text):
    assert read(text) == text


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "00", "000000", "1", "sip:alice@pbx.example", "sip:201@pbx.example", "sip:anonym@x"],
)
def test_what_names_no_line_is_no_number(text):
    assert read(text) == ""
