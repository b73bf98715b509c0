"""When a person will answer: said only where it can honestly be said."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.assigning import work_items
from routing.estimates import waits
from routing.models import Agent, Presence, QueueWait, Shift, WorkItem
from tests import make
from tests.cast import NOON
from tests.routing.scene import chat, mail, there
from tickets import wording
from tickets.hours import opening_hours
from tickets.models import Calendar, OpeningRule, SlaPolicy, Ticket
from tickets.promises import promises


def estimate(cast, channel="email"):
    return waits.estimate_answer(cast.orders, is_live=channel == "chat", now=NOON)


def test_nobody_there_and_nobody_expected_is_no_estimate(cast):
    assert estimate(cast) is None


def test_without_answers_on_record_it_rests_on_the_plan(cast):
    there(cast.alice)
    SlaPolicy.objects.create(queue=cast.orders, priority=1, first_response_minutes=60)
    found = estimate(cast)
    assert (found.from_at, found.until_at) == (NOON + timedelta(seconds=420), NOON + timedelta(hours=1))
    assert (found.certainty, found.basis["method"]) == (0.6, "plan")


@pytest.mark.parametrize("status", ["focus", "away"])
def test_who_takes_no_chats_now_promises_none(cast, status):
    there(cast.alice, status=status)
    assert estimate(cast, channel="chat") is None
    assert estimate(cast) is not None


@pytest.mark.parametrize("mails", [0, 1, 40])
def test_mails_and_forms_that_wait_keep_no_chat_waiting(cast, mails):
    there(cast.alice)
    for _ in range(mails):
        mail(cast)
    work_items.reconcile_work_items(NOON)
    found = estimate(cast, "chat")
    assert found is not None
    assert (found.until_at - NOON, found.basis["ahead"]) == (timedelta(minutes=1), 0)


def test_a_chat_is_promised_by_who_takes_chats(cast):
    agent = there(cast.alice)
    Presence.objects.filter(agent=agent).update(takes_chats=False)
    assert estimate(cast, "chat") is None


def test_who_leaves_soon_takes_no_chat(cast):
    planned = there(cast.alice, schedule=Agent.Schedule.PLANNED)
    Shift.objects.create(agent=planned, during=(NOON - timedelta(hours=4), NOON + timedelta(minutes=2)))
    assert estimate(cast, "chat") is None
    Agent.objects.filter(pk=planned.pk).update(stays_late=True)
    assert estimate(cast, "chat") is not None


@pytest.mark.parametrize(("held", "waiting", "minutes"), [(1, 0, 1), (2, 0, 10), (2, 3, None), (0, 2, 10)])
def test_a_chat_waits_for_the_chats_before_it(cast, held, waiting, minutes):
    agent = there(cast.alice)
    for _ in range(held + waiting):
        chat(cast)
    work_items.reconcile_work_items(NOON)
    chats = WorkItem.objects.filter(kind="chat").order_by("pk")
    taken = list(chats.values_list("pk", flat=True)[:held])
    WorkItem.objects.filter(pk__in=taken).update(state="taken", agent=agent, given_at=NOON)
    found = estimate(cast, "chat")
    assert (found and (found.until_at - NOON) <= timedelta(minutes=minutes)) if minutes else found is None


def test_a_free_hand_counts_more_than_how_long_the_latest_waited(cast):
    there(cast.alice)
    counted = {"answers": 100, "half_seconds": 2000, "most_seconds": 6000, "counted_at": NOON}
    QueueWait.objects.create(queue=cast.orders, is_live=True, **counted)
    assert estimate(cast, "chat").until_at - NOON == timedelta(minutes=1)


def test_more_work_ahead_takes_longer(cast):
    there(cast.alice)
    alone = estimate(cast)
    for _ in range(3):
        mail(cast)
    work_items.reconcile_work_items(NOON)
    assert estimate(cast).from_at - alone.from_at == timedelta(seconds=3 * 420)


def test_with_answers_on_record_it_rests_on_them(cast):
    there(cast.alice)
    for minutes in range(1, 21):
        ticket = mail(cast, now=NOON - timedelta(days=1))
        answered = ticket.created_at + timedelta(minutes=minutes)
        Ticket.objects.filter(pk=ticket.pk).update(first_response_at=answered)
    found = estimate(cast)
    assert found.until_at - NOON == timedelta(minutes=16)
    assert (found.certainty, found.basis["answers"]) == (0.8, 20)


def test_next_shift_is_when_somebody_will_be_there(cast):
    bob = there(cast.bob, status="offline", schedule=Agent.Schedule.PLANNED)
    begins = NOON + timedelta(hours=20)
    Shift.objects.create(agent=bob, during=(begins, begins + timedelta(hours=8)))
    there(cast.alice, status="offline", schedule=Agent.Schedule.PLANNED)
    assert estimate(cast).from_at > begins


def test_closed_hours_are_not_promised(cast):
    calendar = Calendar.objects.create(name="Mornings", time_zone="UTC")
    for weekday in range(7):
        OpeningRule.objects.create(calendar=calendar, weekday=weekday, opens="08:00", closes="11:00")
    opening_hours.publish_version(calendar, now=NOON)
    cast.orders.calendar = calendar
    cast.orders.save()
    there(cast.alice)
    found = estimate(cast)
    assert (found.from_at - NOON, found.until_at - NOON) == (
        timedelta(hours=20, seconds=420),
        timedelta(days=1, hours=21),
    )


def test_nobody_is_promised_a_chat_while_nobody_is_there(cast):
    bob = there(cast.bob, status="offline", schedule=Agent.Schedule.PLANNED)
    Shift.objects.create(agent=bob, during=(NOON + timedelta(hours=1), NOON + timedelta(hours=2)))
    assert estimate(cast, "chat") is None
    assert estimate(cast, "email") is not None


def test_tickets_ask_routing_for_the_promise(cast):
    there(cast.alice)
    asked = promises.estimate_answer(cast.orders, is_live=False, now=NOON)
    assert asked is not None
    assert asked.basis == estimate(cast).basis
    assert make.ticket(cast.web, cast.dana).promises.get().basis["there"] == 1


@pytest.mark.parametrize(
    ("begins", "ends", "told"),
    [
        ((12, 41, 20), (13, 43, 5), "today between 12:40 and 13:45"),
        ((12, 40, 0), (13, 45, 0), "today between 12:40 and 13:45"),
        ((12, 1, 10), (12, 3, 20), "today between 12:01 and 12:03"),
    ],
)
def test_customers_are_told_round_times_unless_it_is_soon(cast, monkeypatch, begins, ends, told):
    now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    exact = promises.Estimate(*(datetime(2026, 11, 18, *at, tzinfo=UTC) for at in (begins, ends)))
    monkeypatch.setattr(promises, "_estimators", [lambda *_args, **_more: exact])
    asked = promises.estimate_answer(cast.orders, is_live=False, now=now)
    assert asked is not None
    assert wording.format_range(asked.from_at, asked.until_at, now=now, zone=UTC) == told


def test_sweep_counts_what_an_estimate_then_only_reads(cast, django_assert_max_num_queries):
    there(cast.alice)
    for minutes in range(1, 21):
        ticket = mail(cast, now=NOON - timedelta(days=1))
        answered = ticket.created_at + timedelta(minutes=minutes)
        Ticket.objects.filter(pk=ticket.pk).update(first_response_at=answered)
    counted = estimate(cast)
    waits.refresh_counts(NOON)
    Ticket.objects.update(first_response_at=None)
    with django_assert_max_num_queries(1):
        assert estimate(cast) == counted


def test_old_counts_are_made_anew(cast):
    there(cast.alice)
    waits.refresh_counts(NOON - timedelta(hours=1))
    ticket = mail(cast, now=NOON - timedelta(days=1))
    Ticket.objects.filter(pk=ticket.pk).update(first_response_at=NOON)
    assert estimate(cast).basis["answers"] == 1
