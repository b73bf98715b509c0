"""What waits for a person follows from the rows of tickets, chats and call backs."""

from datetime import timedelta

import pytest

from routing.assigning import work_items
from routing.dispatch import run
from routing.models import Agent, Leave, Offer, WorkItem
from tests import make
from tests.cast import NOON
from tests.routing.scene import (
    OFFLINE,
    assignee,
    callback,
    chat,
    decided,
    heard,
    kinds,
    load_work_item,
    mail,
    seconds,
    there,
)
from tests.tickets.channels.phone.told import incoming, send
from tickets.clock import database_now
from tickets.models import Calendar, ChatSession, OpeningInterval, Ticket
from tickets.promises import callbacks

LATER = NOON + seconds(10)


def test_new_ticket_becomes_a_work_item_that_waits_since_the_customer_does(cast):
    ticket = mail(cast)
    work_items.reconcile_work_items(LATER)
    item = load_work_item(ticket)
    assert (item.kind, item.state, item.eligible_at, item.queue) == ("ticket", "waiting", NOON, cast.orders)


def test_running_twice_changes_nothing(cast):
    mail(cast)
    chat(cast, cast.emile)
    assert work_items.reconcile_work_items(NOON) == 2
    assert work_items.reconcile_work_items(NOON) == 0


def test_members_of_queues_become_agents(cast):
    work_items.reconcile_work_items(NOON)
    agents = {agent.user.name for agent in Agent.objects.select_related("user", "presence")}
    assert agents == {"Alice", "Bob", "Carol", "Mallory"}
    assert Agent.objects.get(user=cast.alice).languages == ["en"]


@pytest.mark.parametrize("verb", ["wait_for_customer", "put_on_hold", "solve", "close", "mark_spam"])
def test_ticket_that_waits_on_somebody_else_needs_nobody(cast, verb):
    ticket = mail(cast)
    work_items.reconcile_work_items(NOON)
    getattr(ticket, verb)(by=cast.acting("carol"), now=NOON)
    work_items.reconcile_work_items(LATER)
    assert load_work_item(ticket).state == "closed"


def test_reply_brings_the_work_back_to_the_same_person(cast):
    alice = there(cast.alice)
    there(cast.bob)
    ticket = mail(cast)
    ticket_of(cast, ticket, cast.alice)
    ticket.wait_for_customer(by=cast.acting("alice"), now=NOON)
    run.run_pass(LATER)
    make.customer_message(ticket, now=LATER)
    run.run_pass(LATER)
    item = load_work_item(ticket)
    assert (item.state, item.agent, item.eligible_at) == ("taken", alice, NOON)
    assert decided(ticket)[-1] == "kept"


def test_same_person_keeps_it_even_with_all_places_taken(cast):
    there(cast.alice, places=1)
    ticket = mail(cast)
    ticket_of(cast, ticket, cast.alice)
    ticket.wait_for_customer(by=cast.acting("alice"), now=NOON)
    run.run_pass(NOON)
    mail(cast, cast.emile)
    run.run_pass(LATER)
    make.customer_message(ticket, now=LATER)
    run.run_pass(LATER)
    assert assignee(ticket) == cast.alice


def test_reply_goes_to_the_pool_when_the_person_has_gone(cast):
    there(cast.alice)
    ticket = mail(cast)
    ticket_of(cast, ticket, cast.alice)
    ticket.wait_for_customer(by=cast.acting("alice"), now=NOON)
    there(cast.alice, status=OFFLINE)
    bob = there(cast.bob)
    run.run_pass(NOON)
    make.customer_message(ticket, now=LATER)
    run.run_pass(LATER)
    assert assignee(ticket) == cast.bob
    assert load_work_item(ticket).agent == bob
    assert "assignment.released" in kinds(ticket)


def test_reply_at_night_stays_with_the_person_of_the_day(cast):
    cast.orders.calendar = closed_until(NOON + timedelta(hours=14))
    cast.orders.save()
    there(cast.alice)
    ticket = mail(cast)
    ticket_of(cast, ticket, cast.alice)
    ticket.wait_for_customer(by=cast.acting("alice"), now=NOON)
    there(cast.alice, status=OFFLINE)
    there(cast.bob)
    run.run_pass(NOON)
    make.customer_message(ticket, now=LATER)
    run.run_pass(LATER)
    assert assignee(ticket) == cast.alice


def test_reply_does_not_wait_for_somebody_on_leave(cast):
    alice = there(cast.alice)
    there(cast.bob)
    ticket = mail(cast)
    ticket_of(cast, ticket, cast.alice)
    ticket.wait_for_customer(by=cast.acting("alice"), now=NOON)
    Leave.objects.create(agent=alice, during=(NOON, NOON + timedelta(days=7)))
    run.run_pass(NOON)
    make.customer_message(ticket, now=LATER)
    run.run_pass(LATER)
    assert assignee(ticket) == cast.bob


def test_move_to_another_queue_moves_the_work(cast):
    ticket = mail(cast)
    work_items.reconcile_work_items(NOON)
    ticket.move_to(cast.refunds, by=cast.acting("carol"), now=NOON)
    work_items.reconcile_work_items(LATER)
    assert (load_work_item(ticket).queue, load_work_item(ticket).eligible_at) == (cast.refunds, NOON)


def test_chat_waits_instead_of_its_tickets_turn(cast):
    ticket = chat(cast)
    work_items.reconcile_work_items(NOON)
    assert load_work_item(ticket).kind == "chat"


def test_visitor_who_leaves_before_an_answer_turns_the_chat_into_a_ticket(cast):
    there(cast.alice)
    ticket = chat(cast)
    run.run_pass(NOON)
    ChatSession.objects.update(left_at=LATER)
    work_items.reconcile_work_items(LATER)
    states = dict(WorkItem.objects.filter(ticket=ticket).values_list("kind", "state"))
    assert states == {"chat": "closed", "ticket": "waiting"}
    assert Offer.objects.get().state == "returned"
    assert ticket.events.get(kind="queue.abandoned").data["waited_seconds"] == 10


def test_end_of_a_chat_leaves_its_open_ticket_with_the_same_person(cast):
    alice = there(cast.alice)
    ticket = chat(cast)
    ticket_of(cast, ticket, cast.alice)
    ChatSession.objects.update(ended_at=LATER)
    run.run_pass(LATER)
    alice.presence.refresh_from_db()
    assert WorkItem.objects.get(ticket=ticket, kind="ticket").agent == alice
    assert (alice.presence.free_units, alice.presence.last_live_at) == (100, LATER)


def test_call_back_waits_from_the_beginning_of_its_window(cast):
    ticket = mail(cast)
    asked = callback(ticket, now=NOON + timedelta(hours=1))
    work_items.reconcile_work_items(NOON)
    assert not WorkItem.objects.filter(callback=asked).exists()
    work_items.reconcile_work_items(NOON + timedelta(hours=1))
    item = WorkItem.objects.get(callback=asked)
    assert (item.kind, item.state, item.medium) == ("callback", "waiting", "voice")
    callbacks.complete_callback(asked, by=cast.acting("carol"), now=NOON + timedelta(hours=2))
    work_items.reconcile_work_items(NOON + timedelta(hours=2))
    item.refresh_from_db()
    assert item.state == "closed"


def test_call_back_is_kept_for_whoever_has_the_ticket(cast):
    alice = there(cast.alice)
    bob = there(cast.bob)
    ticket = mail(cast)
    ticket_of(cast, ticket, cast.bob)
    callback(ticket)
    run.run_pass(NOON)
    item = WorkItem.objects.get(kind="callback")
    assert (item.hold_agent, item.hold_until, item.agent) == (bob, NOON + timedelta(minutes=15), bob)
    heard(LATER, alice)
    assert item.offers.get().agent == bob


def test_missed_call_is_assigned_like_mail(cast):
    there(cast.alice, database_now())
    send(cast.phone, incoming("call.missed"))
    ticket = Ticket.objects.get()
    run.run_pass(database_now())
    assert (load_work_item(ticket).kind, assignee(ticket)) == ("missed_call", cast.alice)


def test_ticket_of_a_call_that_was_answered_is_no_missed_call(cast):
    send(cast.phone, incoming("call.answered", agent="alice@demo.example"))
    ticket = Ticket.objects.get()
    ticket.open(by=cast.acting("alice"), now=database_now())
    work_items.reconcile_work_items(database_now())
    assert load_work_item(ticket).kind == "ticket"


def test_word_after_a_missed_call_makes_its_ticket_an_ordinary_one(cast):
    send(cast.phone, incoming("call.missed"))
    ticket = Ticket.objects.get()
    work_items.reconcile_work_items(database_now())
    ticket.wait_for_customer(by=cast.acting("alice"), now=database_now())
    work_items.reconcile_work_items(database_now())
    send(make.channel("sms", cast.orders), {"from": "+33612345678", "text": "It is about my lamp."})
    work_items.reconcile_work_items(database_now())
    assert (load_work_item(ticket).kind, load_work_item(ticket).state) == ("ticket", "waiting")


def test_assignee_written_elsewhere_is_followed(cast):
    bob = there(cast.bob)
    ticket = mail(cast)
    work_items.reconcile_work_items(NOON)
    type(ticket).objects.update(assignee=cast.bob)
    work_items.reconcile_work_items(LATER)
    assert (load_work_item(ticket).state, load_work_item(ticket).agent) == ("taken", bob)


def test_bell_for_one_ticket_leaves_the_others_alone(cast):
    first, second = mail(cast), mail(cast, cast.emile)
    assert work_items.reconcile_work_items(NOON, [second.pk]) == 1
    assert not WorkItem.objects.filter(ticket=first).exists()


def ticket_of(cast, ticket, user):
    from routing.assigning.assignment import assign

    assign(ticket, there(user), by=cast.acting("carol"), now=NOON)
    ticket.refresh_from_db()


def closed_until(opens):
    """Return opening hours that begin tomorrow and were over an hour ago."""
    calendar = Calendar.objects.create(name="Days")
    for number, start in enumerate((NOON - timedelta(hours=9), opens)):
        OpeningInterval.objects.create(
            calendar=calendar,
            version=calendar.version,
            open_at=start,
            close_at=start + timedelta(hours=8),
            seconds_before=number * 8 * 3600,
        )
    return calendar
