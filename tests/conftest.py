"""Fixtures every test may use."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.cast import NOON, Cast, assemble
from tests.plugins.browser import browser_type_launch_args  # noqa: F401  (a conftest's beats pytest-playwright's)


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Forget the language that a test's last request chose: the thread would keep it for the next test."""
    yield
    translation.deactivate()


@pytest.fixture
def cast(db) -> Cast:
    """Return the cast in a fresh database."""
    return assemble()


@pytest.fixture
def now():
    """Return the moment at which tests happen: a Wednesday's noon."""
    return NOON
