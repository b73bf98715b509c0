"""Fixtures every test may use."""

import pytest

from tests.cast import NOON, Cast, assemble
from tests.plugins.browser import browser_type_launch_args  # noqa: F401  (a conftest's beats pytest-playwright's)


@pytest.fixture
def cast(db) -> Cast:
    """Return the cast in a fresh database."""
    return assemble()


@pytest.fixture
def now():
    """Return the moment at which tests happen: a Wednesday's noon."""
    return NOON
