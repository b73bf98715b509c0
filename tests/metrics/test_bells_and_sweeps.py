"""Bells make facts sooner; the sweep makes them anyway."""

import pytest
from django.db import connection

from metrics import bench, sweeps, tasks
from metrics.models import FactTicket, Survey
from tests import make
from tests.metrics.story import DAY, solved
from tickets.clock import database_now
from tickets.platform import tasks_on_commit
from tickets.platform.locks import Lock


@pytest.mark.django_db(transaction=True)
def test_a_new_ticket_rings_for_its_facts(cast, now, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks_on_commit, "_submit", lambda task, args: rung.append((task, args)))
    ticket = make.ticket(cast.web, cast.dana, now=now)
    assert ("metrics.tasks.refresh_ticket", (ticket.pk,)) in rung
    tasks.refresh_ticket(ticket.pk)
    assert FactTicket.objects.filter(pk=ticket.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_bell_does_not_wait_while_somebody_else_writes_facts(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    other = connection.copy()
    with other.cursor() as writing:
        writing.execute("SELECT pg_advisory_lock(%s)", [Lock.FACTS.value])
        tasks.refresh_ticket(ticket.pk)
        assert not FactTicket.objects.exists()
        writing.execute("SELECT pg_advisory_unlock_all()")  # a pooled connection keeps its locks when closed
    other.close()
    tasks.refresh_ticket(ticket.pk)
    assert FactTicket.objects.filter(pk=ticket.pk).exists()


def test_the_sweeps_do_the_same_without_any_bell(cast):
    ticket = solved(cast, at=database_now() - 2 * DAY)
    for sweep in sweeps.sweeps:
        sweep.run(database_now())
    assert FactTicket.objects.get(pk=ticket.pk).resolved_at is not None
    assert Survey.objects.get(ticket=ticket).state == "invited"


def test_the_measurement_measures(cast, now):
    solved(cast, at=now)
    figures = bench.measure_facts(now=now + DAY)
    assert figures["tickets"] == 1
    assert set(figures["fcr_windows_milliseconds"]) == {1, 7, 30}
