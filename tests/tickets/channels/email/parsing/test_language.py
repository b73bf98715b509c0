"""Which of our two languages a text is in."""

import pytest

from tickets.channels.email.parsing.language import guess_language

TEXTS = {
    "Hello, my lamp is broken. Could you help me please?": "en",
    "Bonjour, ma lampe est cassée. Pouvez-vous m'aider ?": "fr",
    "Merci": "fr",
    "Thanks!": "en",
    "Guten Tag, meine Lampe ist kaputt und ich bitte um Hilfe": "",
    "Hola, mi lámpara no funciona, gracias por la ayuda": "",
    "12345": "",
    "": "",
}


@pytest.mark.parametrize("text", TEXTS)
def test_language_is_guessed_or_left_open(text):
    assert guess_language(text) == TEXTS[text]
