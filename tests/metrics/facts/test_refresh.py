"""Incremental facts are the facts: in any order, in any batches, however late a transaction commits."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from metrics.facts import derive
from metrics.models import FactContact, FactIssue, FactPromise, FactTicket, FactWaitSegment, Watermark
from tests import make
from tests.metrics.chance import Chance
from tests.metrics.story import HOUR, motive
from tickets.actor import SYSTEM
from tickets.models import Event


def everything():
    """Return all facts as plain values, without the numbers that a row gets by the way."""
    found = {}
    for model in (FactTicket, FactIssue, FactContact, FactWaitSegment, FactPromise):
        fields = [f.attname for f in model._meta.concrete_fields if f.attname != "id"]
        found[model.__name__] = sorted(model._default_manager.values_list(*fields), key=repr)
    return found


def rebuilt(now):
    derive.rebuild_facts(now=now)
    return everything()


@pytest.mark.parametrize("seed", range(4))
def test_refreshing_step_by_step_equals_rebuilding_from_nothing(cast, now, seed):
    chance = Chance(cast, seed, now)
    for _ in range(80):
        chance.step()
        if chance.random.random() < 0.3:
            derive.refresh_facts(now=chance.now)
        if chance.random.random() < 0.1:
            derive.derive_facts([chance.random.choice(chance.tickets).pk])
    derive.refresh_facts(now=chance.now)
    incremental = everything()
    assert incremental["FactIssue"]
    assert incremental == rebuilt(chance.now)


def test_nothing_new_means_nothing_derived(cast, now):
    make.ticket(cast.web, cast.dana, now=now)
    assert derive.refresh_facts(now=now) == 1
    assert derive.refresh_facts(now=now + HOUR) == 0


def test_a_small_limit_only_takes_more_turns(cast, now):
    for _ in range(5):
        make.ticket(cast.web, cast.dana, now=now)
    assert [derive.refresh_facts(now=now, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_facts_of_a_ticket_without_events_are_forgotten(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    derive.refresh_facts(now=now)
    FactTicket.objects.filter(pk=ticket.pk).update(ticket_id=ticket.pk + 999)
    assert derive.rebuild_facts(now=now) == 1
    assert list(FactTicket.objects.values_list("pk", flat=True)) == [ticket.pk]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_missed(cast, now):
    """A transaction draws a small event id, another commits a larger one and moves the mark first."""
    early, late = make.ticket(cast.web, cast.dana, now=now), make.ticket(cast.web, cast.emile, now=now)
    derive.refresh_facts(now=now)
    written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            late.set_motive(motive("slow"), by=SYSTEM, now=now)
            written.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(20)
    early.set_motive(motive("quick"), by=SYSTEM, now=now)
    for minutes in range(1, 6):
        derive.refresh_facts(now=now + timedelta(minutes=minutes))
    behind = Watermark.objects.get().settled_id
    may_commit.set()
    thread.join(20)
    assert behind < Event.objects.get(kind="motive.set", ticket=late).pk
    derive.refresh_facts(now=now + timedelta(minutes=6))
    assert FactTicket.objects.get(pk=late.pk).motive_id == motive("slow").pk
    # Transactions of tests beside this one may hold the mark for a while, but not for ever.
    newest = Event.objects.get(kind="motive.set", ticket=late).pk
    for minutes in range(7, 600):
        derive.refresh_facts(now=now + timedelta(minutes=minutes))
        if Watermark.objects.get().settled_id >= newest:
            break
        time.sleep(0.1)
    assert Watermark.objects.get().settled_id >= newest


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_facts_do_not_meet(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    results = []

    def other():
        results.append(derive.refresh_facts(now=now))
        connection.close()

    with transaction.atomic():
        derive.derive_facts([ticket.pk])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert results == [0]
    assert FactTicket.objects.count() == 1
