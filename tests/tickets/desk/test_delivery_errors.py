"""Why a mail came back is said in words; what is no bare code is left as it is."""

import pytest

from tickets.desk.writing.delivery_errors import describe_error
from tickets.models.channels.delivery_error import DeliveryError


@pytest.mark.parametrize(
    ("code", "text", "sentence"),
    [
        ("5.2.2", "", "This mailbox is full. (5.2.2)"),
        ("5.1.1", "No such user", "This address does not exist. (5.1.1 No such user)"),
        ("4.4.7", "", "Their mail server could not be reached. (4.4.7)"),
        ("5.7.26", "", "Their mail server refuses mail from us. (5.7.26)"),
        ("5.9.9", "", "Their mail server said no. (5.9.9)"),
        ("550", "No such user here", "550 No such user here"),
    ],
)
def test_a_bare_code_becomes_a_sentence(code, text, sentence):
    assert describe_error(DeliveryError.permanent(text, code=code)) == sentence


def test_what_arrived_has_no_sentence():
    assert describe_error(None) == ""
