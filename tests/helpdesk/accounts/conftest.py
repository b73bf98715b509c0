"""What the tests of signing in share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import make


@pytest.fixture
def sign_in():
    """Return a function that fills in the sign-in page as somebody would and gives the answer."""

    def fill_in(client: Client, email: str, password: str = make.PASSWORD, **headers: str) -> Any:
        return client.post("/accounts/login/", {"login": email, "password": password}, headers=headers)

    return fill_in
