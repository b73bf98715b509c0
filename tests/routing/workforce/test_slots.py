"""Slots are asked for and answered; absences are noted; nothing overlaps."""

from datetime import timedelta

import pytest

from routing.dispatch import run
from routing.errors import NotBookable
from routing.models import Leave, Shift, SlotBooking
from routing.workforce import absences, slots
from tests.cast import NOON
from tests.routing.scene import assignee, mail, there
from tickets.actor import SYSTEM
from tickets.errors import Invalid
from tickets.models import Outbound

EVENING = (NOON + timedelta(hours=6), NOON + timedelta(hours=9))


def posted(cast, seats=1):
    return slots.post_slot(cast.orders, *EVENING, seats=seats, by=cast.acting("carol"), now=NOON)


def asked(cast, slot, user):
    return slots.request_slot(slot, there(user), by=SYSTEM, now=NOON)


def test_approved_wish_is_a_shift_and_a_mail(cast):
    booking = asked(cast, posted(cast), cast.bob)
    shift = slots.approve_booking(booking, by=cast.acting("carol"), now=NOON)
    assert (shift.during.lower, shift.during.upper) == EVENING
    assert Outbound.objects.get(payload__kind="slot_approved").to == cast.bob.email


def test_asking_and_approving_twice_is_once(cast):
    slot = posted(cast)
    booking = asked(cast, slot, cast.bob)
    assert asked(cast, slot, cast.bob) == booking
    slots.approve_booking(booking, by=SYSTEM, now=NOON)
    assert slots.approve_booking(booking, by=SYSTEM, now=NOON) is None
    assert Shift.objects.count() == 1


def test_last_seat_goes_once(cast):
    slot = posted(cast)
    first, second = asked(cast, slot, cast.bob), asked(cast, slot, cast.alice)
    slots.approve_booking(first, by=SYSTEM, now=NOON)
    with pytest.raises(NotBookable, match="full"):
        slots.approve_booking(second, by=SYSTEM, now=NOON)


def test_withdrawn_slot_gives_the_seat_back(cast):
    slot = posted(cast)
    booking = asked(cast, slot, cast.bob)
    slots.approve_booking(booking, by=SYSTEM, now=NOON)
    assert slots.withdraw_booking(booking, by=SYSTEM, now=NOON)
    assert not Shift.objects.exists()
    assert slots.approve_booking(asked(cast, slot, cast.alice), by=SYSTEM, now=NOON)


def test_begun_slot_is_not_withdrawn(cast):
    booking = asked(cast, posted(cast), cast.bob)
    with pytest.raises(NotBookable, match="begun"):
        slots.withdraw_booking(booking, by=SYSTEM, now=EVENING[0])


def test_shift_or_leave_at_that_time_is_in_the_way(cast):
    slot, bob, alice = posted(cast, seats=2), there(cast.bob), there(cast.alice)
    Shift.objects.create(agent=bob, during=(NOON, EVENING[0] + timedelta(hours=1)))
    Leave.objects.create(agent=alice, during=(NOON, EVENING[1]))
    for agent in (bob, alice):
        with pytest.raises(NotBookable):
            slots.request_slot(slot, agent, by=SYSTEM, now=NOON)


def test_strangers_to_the_queue_book_nothing(cast):
    with pytest.raises(NotBookable, match="queue"):
        asked(cast, posted(cast), cast.mallory)


def test_refused_wish_can_be_asked_again(cast):
    slot = posted(cast)
    first = asked(cast, slot, cast.bob)
    assert slots.refuse_booking(first, by=SYSTEM, now=NOON)
    assert not slots.refuse_booking(first, by=SYSTEM, now=NOON)
    assert asked(cast, slot, cast.bob).state == SlotBooking.State.ASKED


@pytest.mark.parametrize(("hours", "seats"), [(-3, 1), (0, 1), (3, 0), (3, 501)])
def test_impossible_slots_are_refused(cast, hours, seats):
    starts = NOON + timedelta(hours=1)
    with pytest.raises(Invalid):
        slots.post_slot(
            cast.orders, starts, starts + timedelta(hours=hours), seats=seats, by=SYSTEM, now=NOON
        )


def test_booked_slot_opens_the_queue_to_a_planned_agent(cast):
    bob = there(cast.bob, schedule="planned")
    slots.approve_booking(slots.request_slot(posted(cast), bob, by=SYSTEM, now=NOON), by=SYSTEM, now=NOON)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert assignee(ticket) is None
    there(cast.bob, EVENING[0])
    run.run_pass(EVENING[0])
    assert assignee(ticket) == cast.bob


def test_absence_that_runs_ends_now_and_a_coming_one_goes(cast):
    alice = there(cast.alice)
    running = absences.add_absence(alice, NOON, EVENING[0], by=SYSTEM, now=NOON)
    coming = absences.add_absence(alice, *EVENING, by=SYSTEM, now=NOON)
    assert absences.remove_absence(running, by=SYSTEM, now=NOON + timedelta(hours=1))
    assert absences.remove_absence(coming, by=SYSTEM, now=NOON + timedelta(hours=1))
    assert [leave.during.upper for leave in Leave.objects.all()] == [NOON + timedelta(hours=1)]


def test_overlapping_absence_is_explained(cast):
    alice = there(cast.alice)
    absences.add_absence(alice, *EVENING, by=SYSTEM, now=NOON)
    with pytest.raises(Invalid, match="already"):
        absences.add_absence(alice, *EVENING, by=SYSTEM, now=NOON)
