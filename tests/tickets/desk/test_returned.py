"""Why a mail came back is said in words; what is no bare code is left as it is."""

import pytest

from tickets.desk.writing.returned import in_words


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("5.2.2", "This mailbox is full. (5.2.2)"),
        ("5.1.1", "This address does not exist. (5.1.1)"),
        ("4.4.7", "Their mail server could not be reached. (4.4.7)"),
        ("5.7.26", "Their mail server refuses mail from us. (5.7.26)"),
        ("5.9.9", "Their mail server said no. (5.9.9)"),
        ("550 No such user here", "550 No such user here"),
        ("", ""),
    ],
)
def test_a_bare_code_becomes_a_sentence(kept, said):
    assert in_words(kept) == said
