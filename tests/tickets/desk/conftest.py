"""What the desk's tests share: somebody signed in, as a client and as a fragment's request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def signed_in(cast) -> Callable[[str], Client]:
    """Return a function that signs somebody of the cast in; the client asks for fragments."""

    def sign_in(name: str, *, fragments: bool = True) -> Client:
        client = Client(headers=FRAGMENT if fragments else None)
        client.force_login(getattr(cast, name))
        return client

    return sign_in
