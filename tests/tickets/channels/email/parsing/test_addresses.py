"""Address lists as they come."""

import pytest

from tickets.channels.email.parsing.addresses import parse_addresses
from tickets.channels.email.parsing.encoding.charsets import Decoder

LISTS = {
    "Dana <a@b.example>": [("a@b.example", "Dana")],
    '"Petit, Dana" <a@b.example>': [("a@b.example", "Petit, Dana")],
    "Petit, Dana <a@b.example>, Durand, Émile, Dr <c@d.example>": [
        ("a@b.example", "Petit, Dana"),
        ("c@d.example", "Durand, Émile, Dr"),
    ],
    "a@b.example (Dana Petit)": [("a@b.example", "Dana Petit")],
    "a@b.example, c@d.example": [("a@b.example", ""), ("c@d.example", "")],
    "a@b.example; c@d.example": [("a@b.example", ""), ("c@d.example", "")],
    "a@b.example c@d.example": [("a@b.example", ""), ("c@d.example", "")],
    '"x" <a@b.example> <c@d.example>': [("a@b.example", "x"), ("c@d.example", "")],
    "undisclosed-recipients:;": [],
    "Friends: a@b.example, Carol <c@d.example>;": [("a@b.example", ""), ("c@d.example", "Carol")],
    "=?utf-8?q?=C3=89mile?= =?utf-8?q?_Durand?= <a@b.example>": [("a@b.example", "Émile Durand")],
    '"=?utf-8?q?Durand=2C_=C3=89mile?=" <a@b.example>': [("a@b.example", "Durand, Émile")],
    "<a@b.example>": [("a@b.example", "")],
    "'a@b.example' <a@b.example>": [("a@b.example", "a@b.example")],
    "<mailto:a@b.example>": [("a@b.example", "")],
    "<@relay.example:a@b.example>": [("a@b.example", "")],
    "Dana <a@b.example": [("a@b.example", "Dana")],
    "Dana a@b.example": [("a@b.example", "Dana")],
    '"two words"@b.example': [('"two words"@b.example', "")],
    "Dana <<a@b.example>>": [("a@b.example", "Dana")],
    'Dana" <a@b.example>': [("a@b.example", "Dana")],
    "(a comment): a@b.example;": [("a@b.example", "")],
    "a@b.example.": [("a@b.example", "")],
    "Dana": [("", "Dana")],
    "": [],
    "(((": [],
    "Dana\u202e <a@b.example>": [("a@b.example", "Dana")],
    "Ｄａｎａ <a@b.example>": [("a@b.example", "Dana")],
}


@pytest.mark.parametrize("text", LISTS)
def test_list_is_read(text):
    boxes = parse_addresses([text.encode()], Decoder())
    assert [(box.address, box.name) for box in boxes] == LISTS[text]


def test_encoded_words_hide_no_address():
    value = b"=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?=00?=@mallory.example"
    (box,) = parse_addresses([value], Decoder())
    assert box.address.endswith("=?utf-8?Q?=00?=@mallory.example")


def test_no_more_than_500_addresses_are_read():
    value = b", ".join(b"user%d@b.example" % number for number in range(5_000))
    assert len(parse_addresses([value], Decoder())) == 500
