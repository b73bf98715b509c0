"""Live work is offered: yes, no with a reason, or no answer."""

import pytest

from routing.assigning import offers
from routing.dispatch import run
from routing.errors import OfferGone
from routing.models import Offer, Presence
from tests.cast import NOON
from tests.routing.scene import assignee, chat, heard, kinds, load_work_item, offer_of, seconds, there
from tickets.errors import Invalid
from tickets.models import ChatSession

LATER = NOON + seconds(10)
OVER = NOON + seconds(23)


@pytest.fixture
def offered(cast):
    """A chat that is offered to Alice."""
    there(cast.alice)
    ticket = chat(cast)
    run.run_pass(NOON)
    return offer_of(ticket)


def accept(offer, cast, now=LATER):
    return offers.accept(offer, by=cast.acting("alice"), now=now)


def test_yes_gives_the_ticket_to_the_person(cast, offered):
    ticket = accept(offered, cast)
    assert assignee(ticket) == cast.alice
    assert (load_work_item(ticket).state, load_work_item(ticket).given_at) == ("taken", LATER)
    assert {"assignment.accepted", "queue.answered", "assignment.made"} <= set(kinds(ticket))


def test_second_click_on_yes_changes_nothing(cast, offered):
    ticket = accept(offered, cast)
    events = kinds(ticket)
    offered.refresh_from_db()
    assert accept(offered, cast) == ticket
    assert kinds(ticket) == events


def test_effort_counts_from_the_yes(cast, offered):
    offered.decision.refresh_from_db()
    assert offered.decision.effort_seconds == 0
    accept(offered, cast)
    offered.decision.refresh_from_db()
    assert offered.decision.effort_seconds == 480


def test_yes_that_comes_too_late_is_told_so(cast, offered):
    with pytest.raises(OfferGone):
        accept(offered, cast, OVER)


def test_yes_after_the_customer_left_is_told_so(cast, offered):
    ChatSession.objects.update(left_at=LATER)
    run.run_pass(LATER)
    with pytest.raises(OfferGone):
        accept(offered, cast)


def test_no_sends_it_on_to_somebody_else(cast, offered):
    there(cast.bob)
    assert offers.decline(offered, "break", by=cast.acting("alice"), now=LATER)
    run.run_pass(LATER)
    assert offer_of(offered.item.ticket).agent.user == cast.bob
    declined = offered.item.ticket.events.get(kind="assignment.declined")
    assert (declined.data["reason"], declined.actor_id) == ("break", str(cast.alice.pk))


def test_no_needs_a_reason(cast, offered):
    with pytest.raises(Invalid):
        offers.decline(offered, "", by=cast.acting("alice"), now=LATER)


def test_who_said_no_is_asked_again_after_ten_minutes(cast, offered):
    offers.decline(offered, "busy", by=cast.acting("alice"), now=LATER)
    run.run_pass(LATER)
    assert load_work_item(offered.item.ticket).state == "waiting"
    later = LATER + seconds(601)
    heard(later, offered.agent)
    run.run_pass(later)
    assert offer_of(offered.item.ticket).agent == offered.agent


def test_offer_without_an_answer_goes_on_and_waits_since_as_before(cast, offered):
    there(cast.bob, OVER)
    heard(OVER, offered.agent)
    run.run_pass(OVER)
    offered.refresh_from_db()
    item = load_work_item(offered.item.ticket)
    assert offered.state == "expired"
    assert (item.eligible_at, item.returns) == (NOON, 1)
    assert offer_of(offered.item.ticket).agent.user == cast.bob
    assert "assignment.timeout" in kinds(offered.item.ticket)


def test_hands_are_free_again_after_an_offer(cast, offered):
    assert Presence.objects.get(agent=offered.agent).free_units == 67
    offers.decline(offered, "busy", by=cast.acting("alice"), now=LATER)
    assert Presence.objects.get(agent=offered.agent).free_units == 100


def test_two_missed_offers_in_a_row_set_the_person_to_away(cast, offered):
    run.run_pass(OVER)
    heard(OVER, offered.agent)
    second = chat(cast, cast.emile, now=OVER)
    run.run_pass(OVER)
    assert offer_of(second).agent == offered.agent
    run.run_pass(OVER + seconds(30))
    assert Presence.objects.get(agent=offered.agent).status == "away"


def test_offer_is_visible_to_its_person_alone(cast, offered):
    assert Offer.objects.visible_to(cast.acting("alice")).get() == offered
    assert not Offer.objects.visible_to(cast.acting("bob")).exists()
    assert not Offer.objects.visible_to(cast.acting("dana")).exists()
