"""Searches are planned for their words."""

from __future__ import annotations

from django.db import connection

from tickets.models import Customer
from tickets.search.planning import plan_per_execution


def test_what_is_planned_anew_is_not_prepared(cast):
    before = connection.connection.prepare_threshold
    with plan_per_execution():
        assert connection.connection.prepare_threshold is None
        assert Customer.objects.filter(name__iexact="DANA PETIT").exists()
    assert connection.connection.prepare_threshold == before
