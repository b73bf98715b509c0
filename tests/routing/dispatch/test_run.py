"""One pass of the router on rows."""

import pytest

from routing.dispatch import run
from routing.models import Agent, Decision, Relationship, WorkItem
from tests import make
from tests.cast import NOON
from tests.routing.scene import (
    AWAY,
    assignee,
    chat,
    decided,
    heard,
    kinds,
    load_work_item,
    mail,
    offer_of,
    seconds,
    there,
)
from tickets.models import Ticket

PASS_QUERIES = 38  # with a handful of tickets or a thousand


def test_mail_is_assigned_to_who_is_there(cast):
    there(cast.alice)
    ticket = mail(cast)
    done = run.run_pass(NOON)
    assert assignee(ticket) == cast.alice
    assert (done.assigned, done.offered, ticket.state) == (1, 0, "open")


def test_assignment_is_on_record_with_its_decision(cast):
    agent = there(cast.alice)
    ticket = mail(cast)
    run.run_pass(NOON)
    decision = Decision.objects.get(item__ticket=ticket)
    made = ticket.events.get(kind="assignment.made")
    assert (decision.agent, decision.how, decision.effort_seconds) == (agent, "engine", 420)
    assert decision.data["winner"]["agent"] == agent.pk
    assert decision.data["counts"]["presence"] == 1
    assert made.data["decision"] == decision.pk
    assert made.data["to_user"] == cast.alice.pk
    assert "ticket.state" in kinds(ticket)


def test_nobody_there_leaves_the_ticket_visibly_waiting(cast):
    ticket = mail(cast)
    run.run_pass(NOON)
    item = load_work_item(ticket)
    assert assignee(ticket) is None
    assert (item.state, item.waiting_why["counts"]) == ("waiting", {"presence": 2})


def test_waiting_ticket_is_given_as_soon_as_somebody_comes(cast):
    ticket = mail(cast)
    run.run_pass(NOON)
    there(cast.bob, NOON + seconds(60))
    run.run_pass(NOON + seconds(60))
    assert assignee(ticket) == cast.bob
    assert load_work_item(ticket).waiting_why == {}


def test_second_pass_changes_nothing(cast):
    there(cast.alice)
    ticket = mail(cast)
    run.run_pass(NOON)
    events = ticket.events.count()
    again = run.run_pass(NOON)
    assert (again.tidied, again.assigned, ticket.events.count()) == (0, 0, events)


def test_one_new_item_a_pass_and_no_more_than_there_are_places(cast):
    agent = there(cast.alice, places=2)
    for _ in range(4):
        mail(cast)
    given = [run.run_pass(NOON + seconds(step)).assigned for step in range(4)]
    assert given == [1, 1, 0, 0]
    assert WorkItem.objects.taken().filter(agent=agent).count() == 2


def test_pending_ticket_holds_no_place(cast):
    there(cast.alice, places=1)
    first = mail(cast)
    run.run_pass(NOON)
    first.refresh_from_db()
    first.wait_for_customer(by=cast.acting("alice"), now=NOON)
    second = mail(cast)
    run.run_pass(NOON + seconds(1))
    assert assignee(second) == cast.alice


def test_nobody_gets_work_of_a_queue_they_do_not_work_in(cast):
    there(cast.mallory)
    there(cast.carol)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert assignee(ticket) is None


def test_away_agents_get_nothing(cast):
    there(cast.alice, status=AWAY)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert assignee(ticket) is None


def test_chat_is_offered_not_assigned(cast):
    agent = there(cast.alice)
    ticket = chat(cast)
    done = run.run_pass(NOON)
    offer = offer_of(ticket)
    agent.presence.refresh_from_db()
    assert (done.offered, assignee(ticket)) == (1, None)
    assert (offer.agent, offer.expires_at) == (agent, NOON + seconds(20))
    assert agent.presence.free_units == 67
    assert {"queue.offered", "assignment.offered"} <= set(kinds(ticket))


def test_person_with_an_offer_gets_no_second_one(cast):
    there(cast.alice)
    both = chat(cast), chat(cast, cast.emile)
    run.run_pass(NOON)
    run.run_pass(NOON + seconds(1))
    assert sorted(load_work_item(ticket).state for ticket in both) == ["offered", "waiting"]


def test_customer_goes_to_who_helped_before(cast):
    alice, bob = there(cast.alice), there(cast.bob)
    first = mail(cast)
    run.run_pass(NOON)
    knows = assignee(first)
    first.solve(by=cast.acting("carol"), now=NOON)
    make_relationship(first, alice if knows == cast.alice else bob)
    for _ in range(2):
        run.run_pass(NOON + seconds(1))
    heard(NOON + seconds(3600), alice, bob)
    again = mail(cast, now=NOON + seconds(3600))
    run.run_pass(NOON + seconds(3600))
    assert assignee(again) == knows
    assert decided(again) == ["engine"]


def make_relationship(ticket: Ticket, agent: Agent) -> None:
    Relationship.objects.create(agent=agent, customer=ticket.customer, times=2, first_at=NOON, last_at=NOON)


def test_other_agent_gets_the_next_customer(cast):
    there(cast.alice)
    there(cast.bob)
    tickets = [mail(cast, person) for person in (cast.dana, cast.emile)]
    run.run_pass(NOON)
    assert {assignee(ticket) for ticket in tickets} == {cast.alice, cast.bob}


@pytest.mark.parametrize("crowd", [2, 20])
def test_pass_takes_a_constant_number_of_queries(cast, crowd, django_assert_num_queries):
    for number in range(crowd):
        person = make.user(f"agent{number}")
        make.membership(person, cast.orders)
        there(person)
        mail(cast)
    run.run_pass(NOON)
    for _ in range(crowd):
        mail(cast)
    with django_assert_num_queries(PASS_QUERIES):
        done = run.run_pass(NOON + seconds(1))
    assert done.assigned == crowd
