"""What home-shoring adds to presence: breaks, channels, the office, coming back, and being told."""

from datetime import timedelta

import pytest

from routing.assigning import offers
from routing.dispatch import run
from routing.models import Alert, Leave, Presence, QueueRules
from routing.workforce import presence, while_away
from tests.cast import NOON
from tests.routing.scene import (
    AVAILABLE,
    AWAY,
    BREAK,
    assignee,
    chat,
    heard,
    load_work_item,
    mail,
    offer_of,
    seconds,
    there,
)
from tickets.actor import SYSTEM
from tickets.errors import Invalid
from tickets.models import Event, Outbound, SlaPolicy

LOST = NOON + seconds(91)


def test_break_needs_an_end(cast):
    alice = there(cast.alice)
    with pytest.raises(Invalid):
        presence.set_status(alice, BREAK, by=SYSTEM, now=NOON)
    until = NOON + timedelta(minutes=15)
    assert presence.set_status(alice, BREAK, by=SYSTEM, now=NOON, return_at=until)


def test_a_pause_that_ran_over_by_half_an_hour_ends_as_away(cast):
    alice, bob = there(cast.alice), there(cast.bob)
    until = NOON + timedelta(minutes=15)
    presence.set_status(alice, BREAK, by=SYSTEM, now=NOON, return_at=until)
    presence.set_status(bob, AWAY, by=SYSTEM, now=NOON, return_at=until)
    assert presence.end_overrun_breaks(until + presence.OVERRUN) == 0
    assert presence.end_overrun_breaks(until + presence.OVERRUN + seconds(1)) == 2
    assert list(Presence.objects.filter(pk__in=[alice.pk, bob.pk]).values_list("status", "return_at")) == [
        (AWAY, None), (AWAY, None),
    ]  # fmt: skip
    assert presence.end_overrun_breaks(until + timedelta(hours=9)) == 0


def test_who_came_back_is_not_set_to_away(cast):
    alice = there(cast.alice)
    presence.set_status(alice, BREAK, by=SYSTEM, now=NOON, return_at=NOON + timedelta(minutes=15))
    presence.set_status(alice, AVAILABLE, by=SYSTEM, now=NOON + timedelta(minutes=20))
    assert presence.end_overrun_breaks(NOON + timedelta(hours=2)) == 0


def test_nothing_comes_during_a_break(cast):
    alice = there(cast.alice)
    presence.set_status(alice, BREAK, by=SYSTEM, now=NOON, return_at=NOON + timedelta(minutes=15))
    ticket = mail(cast)
    run.run_pass(NOON)
    assert load_work_item(ticket).waiting_why["counts"]["status"] == 1


@pytest.mark.parametrize(("calls", "chats", "mail_too", "gets"), [(1, 0, 1, "mail"), (1, 1, 0, "chat")])
def test_channels_put_aside_do_not_come(cast, calls, chats, mail_too, gets):
    alice = there(cast.alice)
    presence.choose_channels(
        alice, calls=bool(calls), chats=bool(chats), mail=bool(mail_too), by=SYSTEM, now=NOON
    )
    letter, talk = mail(cast), chat(cast, cast.emile)
    run.run_pass(NOON)
    run.run_pass(NOON + seconds(1))
    assert (assignee(letter) is not None, load_work_item(talk).state == "offered") == (
        gets == "mail",
        gets == "chat",
    )


def test_somebody_available_keeps_a_channel(cast):
    with pytest.raises(Invalid):
        presence.choose_channels(there(cast.alice), calls=False, chats=False, mail=False, by=SYSTEM, now=NOON)


def test_choosing_the_same_channels_is_no_news(cast):
    alice = there(cast.alice)
    assert not presence.choose_channels(alice, calls=True, chats=True, mail=True, by=SYSTEM, now=NOON)
    assert not Event.objects.filter(kind="agent.channels").exists()


def test_work_that_stays_in_the_office_goes_to_nobody_at_home(cast):
    there(cast.bob, works_from="home")
    QueueRules.objects.create(queue=cast.orders, office_only=True)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert load_work_item(ticket).waiting_why["counts"]["clearance"] == 1
    there(cast.alice, works_from="office")
    run.run_pass(NOON)
    assert assignee(ticket) == cast.alice


def test_first_day_after_a_long_leave_half_the_places_count(cast):
    alice = there(cast.alice, places=2)
    Leave.objects.create(agent=alice, during=(NOON - timedelta(days=8), NOON - timedelta(hours=2)))
    first, second = mail(cast), mail(cast, cast.emile)
    run.run_pass(NOON)
    run.run_pass(NOON + seconds(1))
    assert sum(assignee(ticket) is not None for ticket in (first, second)) == 1


def test_nobody_is_flooded_at_log_in(cast):
    alice = there(cast.alice)
    Presence.objects.filter(pk=alice.pk).update(signed_on_at=NOON)
    tickets = [mail(cast, now=NOON - timedelta(hours=2)) for _ in range(3)]

    def given(at):
        heard(NOON + seconds(at), alice)
        run.run_pass(NOON + seconds(at))
        return sum(assignee(ticket) is not None for ticket in tickets)

    assert [given(at) for at in (0, 1, 60, 121, 122)] == [1, 1, 1, 2, 2]
    assert given(601) == 3


def test_signing_on_is_remembered_a_break_is_not_one(cast):
    alice = there(cast.alice, status="offline")
    presence.set_status(alice, "available", by=SYSTEM, now=NOON)
    presence.set_status(alice, "away", by=SYSTEM, now=NOON + seconds(5))
    presence.set_status(alice, "available", by=SYSTEM, now=NOON + seconds(9))
    assert Presence.objects.get(pk=alice.pk).signed_on_at == NOON


def lost_with_a_chat(cast):
    alice = there(cast.alice)
    ticket = chat(cast)
    run.run_pass(NOON)
    offers.accept(offer_of(ticket), by=cast.acting("alice"), now=NOON)
    presence.mark_lost_connections(LOST)
    run.run_pass(LOST)
    return alice, ticket


def test_who_comes_back_is_told_what_went_on(cast):
    alice, ticket = lost_with_a_chat(cast)
    assert while_away.list_reassigned(alice) == []  # not there yet
    presence.record_heartbeat(alice, now=LOST + seconds(30))
    assert [one.ticket for one in while_away.list_reassigned(alice)] == [ticket]


def test_what_was_read_is_not_told_again(cast):
    alice, _ticket = lost_with_a_chat(cast)
    presence.record_heartbeat(alice, now=LOST + seconds(30))
    assert while_away.mark_as_read(alice)
    assert not while_away.mark_as_read(alice)
    assert while_away.list_reassigned(alice) == []


def test_connection_lost_twice_is_told_from_the_first_time(cast):
    alice, _ticket = lost_with_a_chat(cast)
    presence.record_heartbeat(alice, now=LOST + seconds(30))
    presence.mark_lost_connections(LOST + seconds(300))
    presence.record_heartbeat(alice, now=LOST + seconds(310))
    assert Presence.objects.get(pk=alice.pk).lost_at < LOST
    assert len(while_away.list_reassigned(alice)) == 1


def test_second_miss_alerts_the_supervisor_once(cast):
    for number, user in enumerate((cast.alice, cast.bob)):
        there(user, NOON + seconds(30 * number))
    ticket = chat(cast)
    for at in (0, 30, 60):
        heard(NOON + seconds(at), *[there(u, NOON + seconds(at)) for u in (cast.alice, cast.bob)])
        run.run_pass(NOON + seconds(at))
    alert = Alert.objects.get(kind="missed")
    assert alert.item == load_work_item(ticket)
    assert [mail.to for mail in Outbound.objects.filter(payload__kind="missed")] == [cast.carol.email]


def test_urgent_mail_target_is_respected_by_breaks(cast):
    SlaPolicy.objects.create(queue=cast.orders, priority=1, first_response_minutes=30)
    alice = there(cast.alice)
    ticket = mail(cast)
    run.run_pass(NOON)
    presence.set_status(alice, BREAK, by=SYSTEM, now=NOON, return_at=NOON + timedelta(minutes=10))
    run.run_pass(NOON + timedelta(minutes=1))
    assert assignee(ticket) == cast.alice  # a break is no absence
