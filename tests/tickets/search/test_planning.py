"""Searches are planned for the words they look for."""

from __future__ import annotations

from django.db import connection

from tickets.models import Customer
from tickets.search.planning import planned_anew


def test_what_is_planned_anew_is_not_prepared(cast):
    before = connection.connection.prepare_threshold
    with planned_anew():
        assert connection.connection.prepare_threshold is None
        assert Customer.objects.filter(name__iexact="DANA PETIT").exists()
    assert connection.connection.prepare_threshold == before
