"""Calls whose end was never told end by themselves."""

# mypy: disable-error-code="union-attr"

from datetime import timedelta

import pytest

from routing.assigning.work_items import reconcile_work_items
from routing.models import Presence, WorkItem
from tests import make
from tests.tickets.channels.phone.told import incoming, outgoing, send
from tickets.channels.phone import sweeps
from tickets.clock import database_now
from tickets.models import Call, Contact, Ticket
from tickets.promises import callbacks

BOB, ALICE = "bob@demo.example", "alice@demo.example"


def at(minutes):
    return (database_now() + timedelta(minutes=minutes)).isoformat()


def answered(cast, minutes, *, call_id="c1", agent=BOB, **more):
    send(cast.phone, incoming("call.answered", call_id=call_id, at=at(minutes), agent=agent, **more))


def end_lost():
    return sweeps.end_lost(now=database_now())


def test_answered_call_ends_after_longer_than_people_talk(cast):
    answered(cast, -7 * 60)
    assert (end_lost(), end_lost()) == (1, 0)
    call = Call.objects.get()
    assert (call.result, call.end_is_assumed, call.talk_seconds) == ("answered", True, None)
    assert call.message.text == "Call, the end was not recorded"
    assert Contact.objects.get().ended_at is not None


def test_long_call_goes_on(cast):
    answered(cast, -3 * 60)
    assert end_lost() == 0


def test_it_ends_as_soon_as_its_agent_is_in_another_call(cast):
    answered(cast, -30)
    answered(cast, -2, call_id="c2", number="+33698765432")
    assert end_lost() == 1
    assert [call.end_is_assumed for call in Call.objects.order_by("external_id")] == [True, False]


def test_it_ends_as_soon_as_its_number_is_in_another_call(cast):
    answered(cast, -30)
    answered(cast, -2, call_id="c2", agent=ALICE)
    end_lost()
    assert Call.objects.get(external_id="c1").ended_at is not None
    assert Call.objects.get(external_id="c2").ended_at is None


def test_other_peoples_calls_end_nothing(cast):
    answered(cast, -30)
    answered(cast, -2, call_id="c2", agent=ALICE, number="+33698765432")
    assert end_lost() == 0


def test_withheld_numbers_are_not_one_number(cast):
    answered(cast, -30, number="anonymous")
    answered(cast, -2, call_id="c2", agent=ALICE, number="anonymous")
    assert end_lost() == 0


def test_end_that_comes_after_all_says_how_long_it_was(cast):
    answered(cast, -30)
    answered(cast, -2, call_id="c2", number="+33698765432")
    end_lost()
    send(cast.phone, incoming("call.ended", at=at(-10)))
    call = Call.objects.get(external_id="c1")
    assert (call.end_is_assumed, call.message.text) == (False, "Call, 20 min")


def test_desk_and_request_page_say_that_the_end_was_not_told(cast, client):
    answered(cast, -7 * 60)
    end_lost()
    client.force_login(cast.alice)
    page = client.get(f"/admin/desk/{Ticket.objects.get().pk}/").text
    assert "the end was not recorded" in page
    assert "on the phone now" not in page


@pytest.mark.parametrize(("minutes", "result"), [(-30, "ringing"), (-70, "missed")])
def test_who_waits_in_the_queue_waits_an_hour_at_most(cast, minutes, result):
    answered(cast, minutes, agent="queue")
    end_lost()
    assert Call.objects.get().result == result


def test_agent_is_free_for_routing_again(cast):
    now = database_now()
    ticket = make.ticket(cast.web, cast.dana, now=now - timedelta(days=1))
    callbacks.request_callback(
        ticket,
        "+33612345678",
        from_at=now,
        until_at=now + timedelta(hours=2),
        by=cast.acting("dana"),
        now=now,
    )
    reconcile_work_items(now)
    bob = Presence.objects.get(agent__user=cast.bob).agent
    WorkItem.objects.filter(kind="callback").update(state="taken", agent=bob)
    reconcile_work_items(now)
    assert Presence.objects.get(agent=bob).free_units == 0
    send(cast.phone, outgoing("call.answered", agent=BOB, at=at(-7 * 60)))
    end_lost()
    reconcile_work_items(database_now())
    assert Presence.objects.get(agent=bob).free_units == 100
