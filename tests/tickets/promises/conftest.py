"""A fake roster: a test chooses the estimates."""

from datetime import timedelta

import pytest

from tests import make
from tickets.promises import promises
from tickets.promises.promises import Estimate


@pytest.fixture
def roster():
    """Return a function that sets the estimate in minutes for any moment; None: unknown."""
    before = list(promises._estimators), list(promises._forecasters)

    def says(minutes, half=None, **basis):
        def estimate(_queue, *, is_live, now):
            if minutes is None:
                return None
            middle = minutes / 2 if half is None else half
            return Estimate(now + timedelta(minutes=middle), now + timedelta(minutes=minutes), 0.8, basis)

        promises.register_estimator(estimate)

    yield says
    promises._estimators[:], promises._forecasters[:] = before


@pytest.fixture
def ticket(cast, roster, now):
    """Dana's request, promised an answer within an hour at noon (13:00 in Paris)."""
    roster(60, there=2, ahead=1)
    return make.ticket(cast.web, cast.dana, now=now)
