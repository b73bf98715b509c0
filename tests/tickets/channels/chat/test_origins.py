"""Which pages may open the chat."""

import pytest

from tickets.channels.chat.origins import is_allowed, normalise


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:8080/", "http://shop.example:8080"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://shop.example/page", ""),
        ("https://me@shop.example", ""),
        ("null", ""),
        ("", ""),
        ("file://", ""),
        ("https://shop.example:many", ""),
    ],
)
def test_origins_in_one_form(origin, expected):
    assert normalise(origin) == expected


@pytest.mark.parametrize(
    ("origin", "listed", "expected"),
    [
        ("https://shop.example", [], True),
        ("https://shop.example", ["https://shop.example/"], True),
        ("https://evil.example", ["https://shop.example"], False),
        ("https://shop.example.evil.example", ["https://shop.example"], False),
        ("http://shop.example", ["https://shop.example"], False),
        ("https://help.example", ["https://shop.example"], True),
        ("https://evil.example", ["a typing error"], False),
        ("null", [], False),
        ("", [], False),
    ],
)
def test_who_may_enter(origin, listed, expected):
    assert is_allowed(origin, own=["https://help.example"], listed=listed) is expected
