"""Surges begin and end by two thresholds; volunteers are asked, lent for a time, and let go by themselves."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from routing.assigning import work_items
from routing.dispatch import run
from routing.models import Alert, OnCall, QueueRules, Surge, SurgeAsk, SurgePlan
from routing.surge import on_call, overflow, surges
from tests import make
from tests.cast import NOON
from tests.routing.scene import assignee, chat, load_work_item, mail, there
from tickets.actor import SYSTEM, Actor
from tickets.conversation.replies import Words, reply
from tickets.errors import Invalid
from tickets.models import Outbound, QueueMembership, Ticket

MINUTE = timedelta(minutes=1)


def waits_long(cast):
    mail(cast, now=NOON - 31 * MINUTE)
    work_items.reconcile_work_items(NOON)


@pytest.fixture
def rush(cast):
    """A queue over its limit for a minute, and Mallory, of another queue, who may be asked."""
    SurgePlan.objects.create(queue=cast.orders, from_minutes=30, until_minutes=10)
    there(cast.mallory, helps_out=True)
    waits_long(cast)
    surges.update_surges(NOON)
    surges.update_surges(NOON + MINUTE)
    return SurgeAsk.objects.select_related("agent", "surge").get()


def say(ask, yes, now=NOON + 2 * MINUTE):
    return surges.answer_request(ask, yes, by=Actor.for_user(ask.agent.user), now=now)


def member(cast, now=NOON + 3 * MINUTE):
    return QueueMembership.objects.live(now).filter(user=cast.mallory, queue=cast.orders).first()


def test_rush_begins_after_a_minute_over_the_limit(cast):
    SurgePlan.objects.create(queue=cast.orders, from_minutes=30, until_minutes=10)
    waits_long(cast)
    assert surges.update_surges(NOON) == 0
    surges.update_surges(NOON + MINUTE)
    assert Surge.objects.get().ended_at is None
    assert Alert.objects.standing().get().kind == "surge"


def test_volunteer_is_asked_on_the_desk_and_by_mail(cast, rush, client):
    assert Outbound.objects.get(payload__kind="help").to == cast.mallory.email
    assert member(cast) is None  # nobody is lent without a yes


def test_yes_opens_the_queue_for_a_time_without_personal_data(cast, rush):
    alice = there(cast.alice, NOON)
    assert say(rush, True)
    assert not say(rush, True)
    lent = member(cast)
    assert (lent.until, lent.hides_personal_data) == (NOON + 122 * MINUTE, True)
    rush.refresh_from_db()
    assert rush.buddy == alice


def test_helper_sees_no_address_of_the_customer(client, cast, rush):
    say(rush, True)
    QueueMembership.objects.filter(user=cast.mallory).update(until=None)
    client.force_login(cast.mallory)
    number = Ticket.objects.get().pk
    seen = client.get(f"/admin/desk/{number}/").content + client.get(f"/admin/desk/{number}/card/").content
    assert b"dana@petit.example" not in seen
    assert "d…@…".encode() in seen


def test_no_asks_nobody_twice(cast, rush):
    say(rush, False)
    surges.update_surges(NOON + 3 * MINUTE)
    assert SurgeAsk.objects.count() == 1
    assert member(cast) is None


def test_late_answer_is_told_kindly(cast, rush):
    with pytest.raises(Invalid, match="no longer needed"):
        say(rush, True, now=NOON + 30 * MINUTE)


def test_rush_ends_after_five_minutes_below_and_helpers_go(cast, rush):
    say(rush, True)
    Ticket.objects.update(state="solved")
    run.run_pass(NOON + 3 * MINUTE)
    for minutes in (3, 8, 9):
        surges.update_surges(NOON + minutes * MINUTE)
    assert Surge.objects.get().ended_at == NOON + 8 * MINUTE
    assert member(cast, NOON + 10 * MINUTE) is None
    assert not Alert.objects.standing().filter(kind="surge").exists()


def test_helper_in_a_chat_is_let_go_after_it(cast, rush):
    say(rush, True)
    there(cast.mallory, NOON + 2 * MINUTE)
    talk = chat(cast, cast.emile, NOON + 2 * MINUTE)
    item = make_taken(talk, rush.agent)
    Surge.objects.update(ended_at=NOON + 3 * MINUTE)
    surges.update_surges(NOON + 4 * MINUTE)
    assert member(cast, NOON + 5 * MINUTE) is not None
    item.state, item.agent = "closed", None
    item.save()
    surges.update_surges(NOON + 5 * MINUTE)
    assert member(cast, NOON + 6 * MINUTE) is None


def make_taken(ticket, agent):
    work_items.reconcile_work_items(NOON + 2 * MINUTE)
    item = load_work_item(ticket)
    item.state, item.agent = "taken", agent
    item.save()
    return item


def test_weekly_limit_and_skill_and_turn_decide_who_is_asked(cast):
    plan = SurgePlan.objects.create(queue=cast.orders, from_minutes=30, until_minutes=10, asked_at_once=1)
    fresh, tired = make.user("fresh"), make.user("tired")
    agents = {user: there(user, helps_out=True) for user in (fresh, tired)}
    old = Surge.objects.create(queue=cast.refunds, began_at=NOON, wait_seconds=1, ended_at=NOON)
    past = NOON - timedelta(days=1)
    SurgeAsk.objects.create(surge=old, agent=agents[tired], asked_at=past, expires_at=past)
    waits_long(cast)
    surges.update_surges(NOON)
    surges.update_surges(NOON + MINUTE)
    assert SurgeAsk.objects.get(surge__queue=plan.queue).agent == agents[fresh]


def test_buddy_sees_the_first_answers(cast, rush):
    alice = there(cast.alice, NOON)
    say(rush, True)
    ticket = Ticket.objects.get()
    reply(ticket, Words("Hello."), by=cast.acting("mallory"), now=NOON + 4 * MINUTE)
    ((ask, first),) = surges.load_replies_to_check(alice)
    assert (ask.pk, [message.ticket for message in first]) == (rush.pk, [ticket])


def test_waiting_work_is_lent_between_two_thresholds(cast):
    rules = QueueRules.objects.create(
        queue=cast.orders, overflow_to=cast.refunds, overflow_from_minutes=30, overflow_until_minutes=10
    )
    ticket = mail(cast, now=NOON - 31 * MINUTE)
    run.run_pass(NOON)  # nobody is there
    assert overflow.update_overflow(NOON) == 0  # nobody is free there either
    there(cast.alice)
    assert overflow.update_overflow(NOON) == 1
    ticket.refresh_from_db()
    assert (ticket.queue, load_work_item(ticket).eligible_at) == (cast.refunds, NOON - 31 * MINUTE)
    run.run_pass(NOON)
    assert overflow.update_overflow(NOON + MINUTE) == 0
    rules.refresh_from_db()
    assert rules.overflow_since is None


def test_two_queues_do_not_play_ping_pong(cast):
    for queue, other in ((cast.orders, cast.refunds), (cast.refunds, cast.orders)):
        QueueRules.objects.create(
            queue=queue, overflow_to=other, overflow_from_minutes=30, overflow_until_minutes=10
        )
    mail(cast, now=NOON - 31 * MINUTE)
    run.run_pass(NOON)
    there(cast.alice)
    assert [overflow.update_overflow(NOON), overflow.update_overflow(NOON)] == [1, 0]


def test_urgent_and_nobody_there_rings_who_is_on_call_once(cast):
    bob = there(cast.bob, status="offline")
    OnCall.objects.create(queue=cast.orders, agent=bob, during=(NOON, NOON + timedelta(hours=8)))
    ticket = mail(cast)
    Ticket.objects.filter(pk=ticket.pk).update(priority=3)
    run.run_pass(NOON)
    assert (on_call.raise_unreached_alerts(NOON), on_call.raise_unreached_alerts(NOON + MINUTE)) == (1, 0)
    assert set(Outbound.objects.filter(payload__number=ticket.pk).values_list("to", flat=True)) == {
        cast.bob.email,
        cast.carol.email,
    }


def test_alert_goes_when_somebody_takes_it(cast):
    ticket = mail(cast)
    Ticket.objects.filter(pk=ticket.pk).update(priority=3)
    run.run_pass(NOON)
    on_call.raise_unreached_alerts(NOON)
    there(cast.alice)
    run.run_pass(NOON)
    assert assignee(ticket) == cast.alice
    on_call.raise_unreached_alerts(NOON + MINUTE)
    assert not Alert.objects.standing().exists()


def test_page_takes_the_answer(client, cast, rush):
    SurgeAsk.objects.update(expires_at=NOON + timedelta(days=3650))
    client.force_login(cast.mallory)
    assert "Can you help out" in client.get("/routing/rushes/").content.decode()
    client.post(f"/routing/rushes/{rush.pk}/answer/", {"answer": "yes"})
    assert SurgeAsk.objects.get().answer == "yes"


def test_nobody_answers_for_somebody_else(client, cast, rush):
    client.force_login(cast.alice)
    assert client.post(f"/routing/rushes/{rush.pk}/answer/", {"answer": "yes"}).status_code == 404


def test_surge_plan_ends_below_its_start(cast):
    with pytest.raises(ValidationError):
        SurgePlan(queue=cast.orders, from_minutes=10, until_minutes=10).full_clean()


def test_expected_wait_counts_work_ahead_per_person(cast):
    for _ in range(4):
        mail(cast)
    run.run_pass(NOON)
    alone = surges.expected_wait(cast.orders.pk, now=NOON)
    there(cast.alice)
    there(cast.bob)
    assert (alone, surges.expected_wait(cast.orders.pk, now=NOON)) == (4 * 420, 2 * 420)


def test_release_is_once(cast, rush):
    say(rush, True)
    rush.refresh_from_db()
    assert surges.release_helper(rush, by=SYSTEM, now=NOON + 3 * MINUTE)
    assert not surges.release_helper(rush, by=SYSTEM, now=NOON + 3 * MINUTE)
