"""Searches are planned for their words."""

from __future__ import annotations

import pytest
from django.db import connection

from tickets.models import Customer
from tickets.search import across_fields, search
from tickets.search.planning import plan_per_execution

BRANCHES = " UNION ALL ".join(search.BRANCH.format(column="queue_id", value=queue) for queue in (1, 2))


def test_what_is_planned_anew_is_not_prepared(cast):
    before = connection.connection.prepare_threshold
    with plan_per_execution():
        assert connection.connection.prepare_threshold is None
        assert Customer.objects.filter(name__iexact="DANA PETIT").exists()
    assert connection.connection.prepare_threshold == before


@pytest.mark.parametrize("statement", [search.NEWEST.format(branches=BRANCHES), across_fields.ACROSS_FIELDS])
def test_common_word_is_not_fetched_from_all_messages_for_each_ticket(db, statement):
    values = {"text": "delivery", "words": ["late", "delivery"], "escaped": ["late", "delivery"]}
    nobody = {"reached_words": [], "reached": [], "queues": [1], "me": 1, "sees_all": False}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_message DROP CONSTRAINT message_sequence")
        cursor.execute("SET LOCAL enable_seqscan = off")  # the words' index if there is any way to use it
        cursor.execute(f"EXPLAIN {statement}", values | nobody)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "message_search" not in plan
