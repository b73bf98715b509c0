"""Assignment by hand: the same function and guards as routing's own."""

from datetime import timedelta

import pytest

from routing.assigning import assignment, requested
from routing.assigning.assignment import Why
from routing.dispatch import run
from routing.errors import NotAnAgent, NotAssignable, TakenMeanwhile
from routing.explanation import sentences
from routing.models import Agent, Decision, Leave, Presence
from tests.cast import NOON
from tests.routing.scene import assignee, chat, decided, kinds, load_work_item, mail, offer_of, seconds, there
from tickets import events
from tickets.actor import SYSTEM
from tickets.errors import Invalid
from tickets.models import Handover

LATER = NOON + seconds(10)


def assign(ticket, agent, cast, **why):
    return assignment.assign(ticket, agent, by=cast.acting("carol"), now=NOON, why=Why(**why))


def test_supervisor_gives_a_ticket_to_somebody(cast):
    bob = there(cast.bob)
    ticket = mail(cast)
    decision = assign(ticket, bob, cast, reason="asked for")
    made = ticket.events.get(kind="assignment.made")
    assert (assignee(ticket), load_work_item(ticket).agent) == (cast.bob, bob)
    assert (decision.how, decision.by, decision.agent) == ("assigned", cast.carol, bob)
    assert (made.actor_id, made.data["reason"]) == (str(cast.carol.pk), "asked for")


def test_same_again_changes_nothing(cast):
    bob = there(cast.bob)
    ticket = mail(cast)
    assign(ticket, bob, cast)
    assert assign(ticket, bob, cast) is None
    assert decided(ticket) == ["assigned"]


def test_assigned_ticket_is_not_given_to_anybody_else(cast):
    there(cast.alice)
    ticket = mail(cast)
    assign(ticket, there(cast.bob), cast)
    run.run_pass(LATER)
    assert assignee(ticket) == cast.bob


def test_nobody_gets_a_ticket_of_a_queue_they_do_not_work_in(cast):
    with pytest.raises(NotAssignable, match="does not work in this queue") as refused:
        assign(mail(cast), there(cast.mallory), cast, insist=True)
    assert refused.value.code == "not_member"


def test_account_that_is_switched_off_gets_nothing(cast):
    bob = there(cast.bob)
    Agent.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(NotAssignable) as refused:
        assign(mail(cast), Agent.objects.get(pk=bob.pk), cast)
    assert refused.value.code == "not_active"


def test_full_places_refuse_and_an_insisting_supervisor_passes(cast):
    bob = there(cast.bob, places=1)
    assign(mail(cast), bob, cast)
    second = mail(cast, cast.emile)
    with pytest.raises(NotAssignable, match="Bob is at full capacity") as refused:
        assign(second, bob, cast)
    assert refused.value.code == "places_full"
    assign(second, bob, cast, insist=True)
    assert assignee(second) == cast.bob


def test_somebody_on_leave_is_refused(cast):
    bob = there(cast.bob)
    Leave.objects.create(agent=bob, during=(NOON, NOON + timedelta(days=1)))
    with pytest.raises(NotAssignable) as refused:
        assign(mail(cast), bob, cast)
    assert refused.value.code == "on_leave"


def test_taking_oneself_may_go_beyond_ones_places(cast):
    there(cast.bob, places=0)
    ticket = mail(cast)
    assignment.assign_to_me(ticket, by=cast.acting("bob"), now=NOON)
    assert (assignee(ticket), decided(ticket)) == (cast.bob, ["taken"])


def test_taking_what_a_colleague_has_is_refused(cast):
    ticket = mail(cast)
    assign(ticket, there(cast.bob), cast)
    with pytest.raises(TakenMeanwhile):
        assignment.assign_to_me(ticket, by=cast.acting("alice"), now=NOON)


def test_who_works_in_no_queue_takes_nothing(cast):
    with pytest.raises(NotAnAgent):
        assignment.assign_to_me(mail(cast), by=cast.acting("dana"), now=NOON)


def test_giving_back_lets_others_have_it_first(cast):
    alice = there(cast.alice)
    ticket = mail(cast)
    assign(ticket, alice, cast)
    assert assignment.release(ticket, by=cast.acting("alice"), now=NOON, reason="not mine")
    run.run_pass(NOON)
    assert assignee(ticket) is None
    there(cast.bob)
    run.run_pass(NOON)
    assert assignee(ticket) == cast.bob
    assert decided(ticket) == ["assigned", "released", "engine"]


def test_giving_back_twice_changes_nothing(cast):
    ticket = mail(cast)
    assert not assignment.release(ticket, by=cast.acting("alice"), now=NOON)


def test_handing_over_tells_the_next_person_what_matters(cast):
    ticket = mail(cast)
    assign(ticket, there(cast.alice), cast)
    note = assignment.hand_over(
        ticket, there(cast.bob), by=cast.acting("alice"), now=NOON, summary="Photo received.", is_warm=True
    )
    transfer = ticket.events.get(kind="transfer")
    assert (assignee(ticket), decided(ticket)[-1]) == (cast.bob, "handed_over")
    assert (note.summary, note.from_user, note.to_user) == ("Photo received.", cast.alice, cast.bob)
    assert (transfer.data["is_warm"], transfer.data["handover"]) == (True, note.pk)


def test_refused_handover_leaves_no_trace(cast):
    ticket = mail(cast)
    assign(ticket, there(cast.alice), cast)
    with pytest.raises(NotAssignable):
        assignment.hand_over(ticket, there(cast.mallory), by=cast.acting("alice"), now=NOON)
    assert not Handover.objects.exists()
    assert "transfer" not in kinds(ticket)


def test_handing_over_to_a_queue_lets_routing_choose_there(cast):
    ticket = mail(cast)
    assign(ticket, there(cast.alice), cast)
    assignment.hand_over(ticket, cast.refunds, by=cast.acting("alice"), now=NOON)
    there(cast.bob)
    run.run_pass(LATER)
    ticket.refresh_from_db()
    assert (ticket.queue, ticket.assignee, load_work_item(ticket).eligible_at) == (
        cast.refunds,
        cast.bob,
        NOON,
    )


def test_handing_over_to_whoever_has_it_is_refused(cast):
    alice, ticket = there(cast.alice), mail(cast)
    assign(ticket, alice, cast)
    with pytest.raises(Invalid):
        assignment.hand_over(ticket, alice, by=cast.acting("alice"), now=NOON)


def test_taking_an_offered_chat_takes_the_offer_back(cast):
    alice, bob = there(cast.alice), there(cast.bob)
    ticket = chat(cast)
    run.run_pass(NOON)
    offer = offer_of(ticket)
    taker, name = (bob, "bob") if offer.agent == alice else (alice, "alice")
    assignment.assign_to_me(ticket, by=cast.acting(name), now=NOON)
    offer.refresh_from_db()
    units = dict(Presence.objects.values_list("agent", "free_units"))
    assert (offer.state, load_work_item(ticket).agent) == ("returned", taker)
    assert (units[offer.agent_id], units[taker.pk]) == (100, 67)


def test_chat_goes_to_nobody_whose_hands_are_full(cast):
    bob = there(cast.bob)
    tickets = [chat(cast) for _ in range(4)]
    for ticket in tickets[:3]:
        assign(ticket, bob, cast)
    with pytest.raises(NotAssignable) as refused:
        assign(tickets[3], bob, cast)
    assert refused.value.code == "hands_full"


def test_pending_ticket_can_change_hands_without_holding_a_place(cast):
    ticket = mail(cast)
    ticket.wait_for_customer(by=cast.acting("carol"), now=NOON)
    bob = there(cast.bob, places=0)
    assign(ticket, bob, cast)
    assert (assignee(ticket), load_work_item(ticket).state) == (cast.bob, "closed")


def wish(ticket, user, reason="macro"):
    data = {"user": user.pk, "reason": reason}
    return events.record("assignment.wanted", ticket=ticket, by=SYSTEM, at=NOON, data=data)


def test_wish_is_fulfilled_once(cast):
    there(cast.bob)
    ticket = mail(cast)
    asked = wish(ticket, cast.bob)
    run.run_pass(NOON)
    run.run_pass(LATER)
    assert assignee(ticket) == cast.bob
    assert Decision.objects.get(wish_id=asked.pk).how == "assigned"


def test_wish_that_cannot_be_fulfilled_is_refused_with_the_reason(cast):
    ticket = mail(cast)
    asked = wish(ticket, cast.mallory)
    run.run_pass(NOON)
    assert assignee(ticket) is None
    assert Decision.objects.get(wish_id=asked.pk).how == "refused"
    assert ticket.events.get(kind="assignment.refused").data["reason"] == "not_member"


def test_who_answered_the_call_has_it_however_full_their_places_are(cast):
    there(cast.bob, places=1)
    assignment.assign_to_me(mail(cast, cast.emile), by=cast.acting("bob"), now=NOON)
    ticket = mail(cast)
    asked = wish(ticket, cast.bob, "answered_call")
    run.run_pass(NOON)
    decision = Decision.objects.get(wish_id=asked.pk)
    assert (assignee(ticket), decision.how, decision.reason) == (cast.bob, "taken", "answered_call")
    told = sentences.explain_decision(decision, reader=cast.bob.pk, now=NOON)
    assert told == "You answered the call, so it is assigned to you."


def test_who_answered_the_call_has_it_on_leave_and_in_the_middle_of_chats(cast):
    bob = there(cast.bob)
    for _ in range(3):
        assign(chat(cast, cast.emile), bob, cast)
    Leave.objects.create(agent=bob, during=(NOON, NOON + timedelta(days=1)))
    ticket = chat(cast)
    wish(ticket, cast.bob, "answered_call")
    requested.assign_requested_agents(NOON)
    assert (assignee(ticket), decided(ticket)[-1]) == (cast.bob, "taken")
    assert Presence.objects.get(pk=bob.pk).free_units == 0


def test_who_answered_for_a_queue_that_is_not_theirs_does_not_get_it(cast):
    ticket = mail(cast)
    asked = wish(ticket, cast.mallory, "answered_call")
    run.run_pass(NOON)
    assert (assignee(ticket), Decision.objects.get(wish_id=asked.pk).reason) == (None, "not_member")
