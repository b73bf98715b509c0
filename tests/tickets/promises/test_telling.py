"""Passes of the sweep that informs of delays: how many customers, two passes at once, and the cost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from tests import make
from tests.cast import NOON, assemble
from tickets.conversation.delays import notify_of_delays
from tickets.models import Calendar, Identity, Message, OpeningRule, Outbound
from tickets.promises import promises

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DUE = 50 * MINUTE


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(transactional_db, roster):
    roster(60)
    ticket = make.ticket(assemble().web, Identity.objects.get(value="dana@petit.example").customer)
    barrier = Barrier(2)

    def tell():
        try:
            barrier.wait()
            return notify_of_delays(now=NOON + DUE)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        counts = [future.result() for future in [threads.submit(tell) for _ in range(2)]]
    assert sorted(counts) == [0, 1]
    assert Outbound.objects.filter(ticket=ticket, kind="notice").count() == 1


def test_what_changed_since_the_look_is_seen_with_the_ticket_locked(ticket, now, roster):
    def forecast(_queue, *, is_live, now):
        """Act as another process: promise a newer time after the rows were loaded."""
        promises.register_estimator(lambda *_args, **_more: None)
        ticket.promises.create(from_at=now, due_at=now + 9 * HOUR, made_at=now)

    promises.register_estimator(forecast)
    assert notify_of_delays(now=now + DUE) == 0
    assert not Message.objects.filter(is_auto=True).exists()


def test_one_pass_tells_some_and_the_next_the_others(cast, roster, now):
    roster(60)
    for name in ("first", "second", "third"):
        make.typed_ticket(cast.web, f"{name}@else.example", now=now)
    assert [notify_of_delays(now=now + DUE, limit=2) for _ in range(3)] == [2, 1, 0]


def test_the_most_urgent_are_told_first(cast, roster, now):
    roster(60)
    later = make.ticket(cast.web, cast.dana, now=now + MINUTE)
    sooner = make.ticket(cast.web, cast.emile, now=now)
    notify_of_delays(now=now + DUE + 2 * MINUTE, limit=1)
    assert sooner.messages.filter(is_auto=True).exists()
    assert not later.messages.filter(is_auto=True).exists()


def test_nothing_is_locked_for_those_who_may_not_be_told_now(
    cast, roster, now, django_assert_max_num_queries
):
    roster(60)
    for _ in range(5):
        make.ticket(cast.web, cast.dana, now=now)
    with django_assert_max_num_queries(3):
        assert notify_of_delays(now=now + 10 * HOUR) == 0  # 23:00 in Paris, and all are late


def test_hours_are_read_once_for_a_queue_that_never_opens(cast, roster, now, django_assert_max_num_queries):
    roster(60)
    for _ in range(5):
        make.ticket(cast.web, cast.dana, now=now)
    calendar = Calendar.objects.create(name="Unpublished", time_zone="UTC")
    OpeningRule.objects.create(calendar=calendar, weekday=0, opens="08:00", closes="13:00")
    cast.orders.calendar = calendar
    cast.orders.save()
    with django_assert_max_num_queries(4):
        notify_of_delays(now=now + MINUTE)


def test_who_reads_no_mail_at_the_address_is_promised_nothing_new(ticket, now):
    Identity.objects.filter(value="dana@petit.example").update(undeliverable_at=now)
    assert notify_of_delays(now=now + DUE) == 0
    assert ticket.promises.get().replaced_by is None
