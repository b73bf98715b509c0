"""The demo's well-known password opens nothing from another machine, nor through a tunnel to this one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import make

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}


@pytest.fixture
def come(db):
    """Return a function that tells whether the demo account comes in from somewhere."""
    make.user("demo", is_demo=True)

    def tried(**where: Any) -> bool:
        form = {"login": "demo@demo.example", "password": make.PASSWORD}
        return Client(**where).post("/accounts/login/", form).status_code == 302

    return tried


def test_at_this_machine_it_opens(come):
    assert come(**HERE)
    assert come(**HERE | {"REMOTE_ADDR": "::1", "HTTP_HOST": "127.0.0.1:8000"})


@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_VIA": "1.1 tunnel"},
        {"HTTP_HOST": "testserver"},
    ],
    ids=str,
)
def test_from_elsewhere_or_through_a_proxy_it_does_not(come, where):
    assert not come(**HERE | where)


def test_a_trusted_proxy_says_where_somebody_is(come, settings):
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})
    assert come(**HERE, HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert not come(**HERE, HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert not come(**HERE, HTTP_X_FORWARDED_FOR="127.0.0.1, 192.0.2.7")


def test_no_program_signs_a_demo_account_in_without_saying_from_where(come):
    from django.contrib.auth import authenticate

    assert authenticate(None, email="demo@demo.example", password=make.PASSWORD) is None
