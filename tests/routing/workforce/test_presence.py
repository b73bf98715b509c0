"""Status by command, heartbeats, lost connections, and what comes back from people who are not there."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from routing.dispatch import run
from routing.errors import StillTalking
from routing.models import Offer, Presence, PresenceSpan, WorkItem
from routing.workforce import presence
from tests.cast import NOON
from tests.routing.scene import (
    AVAILABLE,
    AWAY,
    FOCUS,
    OFFLINE,
    assignee,
    chat,
    decided,
    heard,
    load_work_item,
    mail,
    offer_of,
    seconds,
    there,
)
from tickets.actor import SYSTEM
from tickets.errors import Invalid, Stale
from tickets.models import Event, Handover, SlaPolicy

LATER = NOON + seconds(10)
LOST = NOON + seconds(91)


def set_status(agent, status, now=LATER, **fields):
    return presence.set_status(agent, status, by=SYSTEM, now=now, **fields)


def spans(agent):
    """The spans of a person as (status, seconds from noon, seconds until or None)."""
    return [
        (span.status, (span.during.lower - NOON).total_seconds(), _until(span))
        for span in PresenceSpan.objects.filter(agent=agent)
    ]


def _until(span):
    return None if span.during.upper is None else (span.during.upper - NOON).total_seconds()


def test_status_changes_are_spans_and_events(cast):
    alice = there(cast.alice)
    set_status(alice, FOCUS)
    set_status(alice, OFFLINE, now=LATER + seconds(5))
    states = [e.data["to"] for e in Event.objects.filter(kind="agent.state").order_by("pk")]
    assert spans(alice) == [("available", 0, 10), ("focus", 10, 15)]
    assert states == ["available", "focus", "offline"]


def test_same_status_again_changes_nothing(cast):
    alice = there(cast.alice)
    assert not set_status(alice, AVAILABLE)
    assert spans(alice) == [("available", 0, None)]


def test_two_changes_in_one_moment_leave_no_empty_span(cast):
    alice = there(cast.alice)
    set_status(alice, AWAY, now=NOON)
    assert spans(alice) == [("away", 0, None)]


def test_forgotten_page_cannot_flip_the_status_back(cast):
    alice = there(cast.alice)
    seen = alice.presence.version
    set_status(alice, AWAY, version=seen)
    with pytest.raises(Stale):
        set_status(alice, AVAILABLE, version=seen)


@pytest.mark.parametrize("minutes", [-1, 0, 12 * 60 + 1])
def test_return_must_lie_ahead_and_today(cast, minutes):
    with pytest.raises(Invalid):
        set_status(there(cast.alice), AWAY, return_at=LATER + timedelta(minutes=minutes))


def test_unknown_status_is_refused(cast):
    with pytest.raises(Invalid):
        set_status(there(cast.alice), "dancing")


def test_nobody_signs_off_in_the_middle_of_a_chat(cast):
    alice = there(cast.alice)
    WorkItem.objects.create(
        ticket=mail(cast), kind="chat", state="taken", agent=alice, queue=cast.orders, eligible_at=NOON
    )
    with pytest.raises(StillTalking):
        set_status(alice, OFFLINE)


def test_going_away_gives_a_standing_offer_back(cast):
    alice = there(cast.alice)
    ticket = chat(cast)
    run.run_pass(NOON)
    set_status(alice, AWAY)
    assert (Offer.objects.get().state, load_work_item(ticket).state) == ("returned", "waiting")


def test_focus_keeps_chats_away_and_lets_mail_come(cast):
    there(cast.alice, status=FOCUS)
    talk, letter = chat(cast), mail(cast, cast.emile)
    run.run_pass(NOON)
    assert (load_work_item(talk).state, assignee(letter)) == ("waiting", cast.alice)


def test_silent_connection_gets_no_chat_after_25_seconds_and_no_mail_after_90(cast):
    there(cast.alice)
    talk = chat(cast)
    run.run_pass(NOON + seconds(26))
    assert load_work_item(talk).state == "waiting"
    letter = mail(cast, cast.emile)
    run.run_pass(NOON + seconds(91))
    assert assignee(letter) is None


def test_lost_connection_ends_the_span_where_it_was_last_heard(cast):
    alice = there(cast.alice)
    heard(LATER, alice)
    assert presence.mark_lost_connections(LATER + seconds(91)) == 1
    assert presence.mark_lost_connections(LATER + seconds(92)) == 0
    assert spans(alice) == [("available", 0, 10)]


def test_connection_that_comes_back_brings_the_status_back(cast):
    alice = there(cast.alice)
    presence.mark_lost_connections(LOST)
    now = presence.record_heartbeat(alice, now=LOST + seconds(20))
    assert (now.status, now.is_connected) == ("available", True)
    assert spans(alice) == [("available", 111, None)]  # nothing was heard of the first span


def test_two_hours_of_silence_are_a_sign_off(cast):
    alice = there(cast.alice)
    presence.mark_lost_connections(NOON + timedelta(hours=2, seconds=1))
    assert Presence.objects.get(agent=alice).status == "offline"


def test_heartbeat_of_somebody_signed_off_does_not_sign_them_on(cast):
    alice = there(cast.alice, status=OFFLINE)
    assert not presence.record_heartbeat(alice, now=LATER).is_connected


def test_chat_of_a_lost_agent_is_offered_on_with_a_handover(cast):
    alice = there(cast.alice)
    ticket = chat(cast)
    run.run_pass(NOON)
    from routing.assigning import offers

    offers.accept(offer_of(ticket), by=cast.acting("alice"), now=NOON)
    bob = there(cast.bob, LOST)
    presence.mark_lost_connections(LOST)
    run.run_pass(LOST)
    assert offer_of(ticket).agent == bob
    assert Handover.objects.get(ticket=ticket).from_user == cast.alice
    assert (load_work_item(ticket).owner, "returned" in decided(ticket)) == (alice, True)
    assert ticket.events.get(kind="transfer").cause == "connection_lost"


def given_mail(cast):
    there(cast.alice)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert assignee(ticket) == cast.alice
    return ticket


def test_mail_of_a_lost_agent_stays_until_it_would_be_late(cast):
    ticket = given_mail(cast)
    presence.mark_lost_connections(LOST)
    early, late = NOON + timedelta(hours=1, minutes=59), NOON + timedelta(hours=2)
    run.run_pass(early)
    assert assignee(ticket) == cast.alice
    there(cast.bob, late)
    run.run_pass(late)
    assert assignee(ticket) == cast.bob


def test_mail_with_a_short_target_comes_back_sooner(cast):
    SlaPolicy.objects.create(queue=cast.orders, priority=1, first_response_minutes=30)
    ticket = given_mail(cast)
    presence.mark_lost_connections(LOST)
    there(cast.bob, NOON + timedelta(minutes=15))
    run.run_pass(NOON + timedelta(minutes=15))
    assert assignee(ticket) == cast.bob


def test_mail_of_somebody_switched_off_comes_back_at_once(cast):
    ticket = given_mail(cast)
    cast.alice.is_active = False
    cast.alice.save()
    run.run_pass(LATER)
    assert (assignee(ticket), load_work_item(ticket).state) == (None, "waiting")


def test_spans_of_a_person_cannot_overlap(cast):
    alice = there(cast.alice)
    set_status(alice, OFFLINE, now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        PresenceSpan.objects.create(
            agent=alice, during=(NOON + seconds(5), NOON + seconds(6)), status="focus", works_from="home"
        )


def test_hands_cannot_become_negative(cast):
    alice = there(cast.alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Presence.objects.filter(pk=alice.pk).update(free_units=-1)
