"""Letters of every script stay; only what disguises a name goes."""

import pytest

from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_name
from tickets.channels.email.reply import extract_new_text

NAMES = {
    "علی\u200cرضا": "علی\u200cرضا",
    "क्\u200dष": "क्\u200dष",
    "Dana 👩\u200d💻": "Dana 👩\u200d💻",
    "Da\u200dna": "Dana",
    "\u200cDana": "Dana",
    "Dana\u202eevil": "Danaevil",
    "\u200fدانا\u200f": "دانا",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_keeps_its_letters(name):
    assert decode_name(name, Decoder()) == NAMES[name]


TEXTS = ["Merci 👩\u200d💻 !", "می\u200cخواهم", "שלום\u200f!", "a\u00adb", "\u2067abc\u2069"]


@pytest.mark.parametrize("text", TEXTS)
def test_an_answer_keeps_its_letters(text):
    assert (
        extract_new_text(f"{text}\n\nOn Mon, May 3, 2021 at 9:00 AM Support <s@demo.example> wrote:\n> Hi")
        == text
    )
