"""One installation for a file's tests; each of them takes back what it did."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests import cast as casting
from tests.helpdesk.dead_ends.site import Site


@pytest.fixture(scope="module")
def site(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Site]:
    """Return the customers' side of an installation, for tests marked with django_db."""
    logging.disable(logging.WARNING)  # many refusals
    with django_db_blocker.unblock(), transaction.atomic():
        yield Site(casting.assemble())
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
