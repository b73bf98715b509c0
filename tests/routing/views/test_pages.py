"""Routing's pages: who may see them, what they show, and that nothing typed wrongly breaks them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from routing.models import Leave, Policy, Shift, Slot, SlotBooking
from tests.cast import NOON
from tests.routing.scene import there

NAMES = ("roster", "slots", "fairness", "rushes")


def url(name, *args):
    return reverse(f"routing:{name}", args=args)


def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", ["alice", "carol", "admin"])
def test_pages_open_for_who_works_here(client, cast, name, who):
    assert signed_in(client, getattr(cast, who)).get(url(name)).status_code == 200


@pytest.mark.parametrize("name", [*NAMES, "policies"])
def test_pages_ask_strangers_to_sign_in(client, cast, name):
    assert client.get(url(name)).status_code == 302


def test_rules_are_for_supervisors_to_read_and_administrators_to_change(client, cast):
    assert signed_in(client, cast.alice).get(url("policies")).status_code == 403
    assert signed_in(client, cast.carol).get(url("policies")).status_code == 200
    assert client.post(url("policies"), {"fairness_weight": "0.5"}).status_code == 403
    assert signed_in(client, cast.admin).post(url("policies"), {"fairness_weight": "0.7"}).status_code == 302
    assert Policy.objects.get().parameters == {"fairness_weight": 0.7}


def test_wrong_number_in_the_rules_is_named(client, cast):
    answer = signed_in(client, cast.admin).post(url("policies"), {"reserve": "lots"})
    assert answer.status_code in (400, 409)
    assert "reserve" in answer.content.decode() or "kept free" in answer.content.decode()


def test_roster_shows_shifts_on_both_clocks(client, cast):
    bob = there(cast.bob, time_zone="America/Toronto")
    Shift.objects.create(agent=bob, during=(NOON, NOON + timedelta(hours=4)))
    page = signed_in(client, cast.carol).get(url("roster") + "?week=2026-11-18").content.decode()
    assert "13:00–17:00" in page  # noon UTC on Carol's clock in Paris
    assert "local time: 07:00–11:00" in page


@pytest.mark.parametrize("week", ["nonsense", "2026-13-45", "0001-01-01", "9999-12-31"])
def test_roster_of_no_week_is_the_present_one(client, cast, week):
    assert signed_in(client, cast.alice).get(url("roster"), {"week": week}).status_code == 200


def test_agent_notes_their_own_absence_and_nobody_elses(client, cast):
    bob = there(cast.bob)
    form = {"starts": "2027-01-04T08:00", "ends": "2027-01-05T08:00", "note": "Dentist"}
    assert signed_in(client, cast.alice).post(url("add_absence"), form).status_code == 302
    assert client.post(url("add_absence"), form | {"agent": bob.pk}).status_code == 403
    assert [leave.agent.user for leave in Leave.objects.all()] == [cast.alice]


def test_supervisor_notes_an_absence_of_their_people(client, cast):
    bob = there(cast.bob)
    form = {"starts": "2027-01-04T08:00", "ends": "2027-01-05T08:00", "agent": bob.pk}
    assert signed_in(client, cast.carol).post(url("add_absence"), form).status_code == 302
    assert Leave.objects.get().agent == bob


def test_absence_without_a_time_is_explained(client, cast):
    answer = signed_in(client, cast.alice).post(url("add_absence"), {"starts": "", "ends": "x"})
    assert answer.status_code in (400, 409)
    assert "Choose a day" in answer.content.decode()


def test_slot_goes_from_posting_to_shift(client, cast):
    there(cast.bob)
    form = {"queue": cast.orders.pk, "starts": "2027-01-04T18:00", "ends": "2027-01-04T21:00", "seats": "1"}
    assert signed_in(client, cast.carol).post(url("slots"), form).status_code == 302
    signed_in(client, cast.bob).post(url("ask_slot", Slot.objects.get().pk))
    booking = SlotBooking.objects.get()
    assert client.post(url("answer_booking", booking.pk), {"answer": "yes"}).status_code == 403
    signed_in(client, cast.carol).post(url("answer_booking", booking.pk), {"answer": "yes"})
    assert Shift.objects.get().booking == booking


def test_agents_post_no_slots(client, cast):
    form = {"queue": cast.orders.pk, "starts": "2027-01-04T18:00", "ends": "2027-01-04T21:00", "seats": "1"}
    assert signed_in(client, cast.alice).post(url("slots"), form).status_code == 403
    assert not Slot.objects.exists()


def test_calendar_needs_its_token(client, cast):
    alice = there(cast.alice)
    Shift.objects.create(agent=alice, during=(NOON, NOON + timedelta(hours=4)))
    page = signed_in(client, cast.alice).post(url("subscribe")).content.decode()
    address = page.split("/routing/calendar/")[1].split(".ics")[0]
    client.logout()
    found = client.get(f"/routing/calendar/{address}.ics")
    assert found["Content-Type"].startswith("text/calendar")
    assert client.get("/routing/calendar/guessed.ics").status_code == 404
