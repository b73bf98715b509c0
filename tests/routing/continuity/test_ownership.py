"""Who answers a ticket that is nobody's has it."""

from datetime import timedelta

import pytest

from routing.assigning import assignment
from routing.continuity import ownership
from routing.explanation import sentences
from routing.models import Decision
from tests import make
from tests.cast import NOON
from tests.routing.scene import there
from tickets.conversation import replies
from tickets.conversation.replies import Words

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def ticket(cast):
    there(cast.alice)
    return make.ticket(cast.web, cast.dana, now=NOON)


def answer(ticket, cast, who="alice", **how):
    ticket.refresh_from_db()
    words = Words("It is on its way.", seen_seq=ticket.last_seq)
    return replies.reply(ticket, words, by=cast.acting(who), now=LATER, **how)


def owner(ticket):
    ticket.refresh_from_db()
    return ticket.assignee


@pytest.mark.parametrize("then", ["pending", "solved"])
def test_it_is_theirs_and_says_why(ticket, cast, then):
    answer(ticket, cast, then=then)
    assert ownership.assign_to_repliers(LATER) == 1
    assert owner(ticket) == cast.alice
    decision = Decision.objects.latest("pk")
    told = sentences.explain_decision(decision, reader=cast.alice.pk, now=LATER)
    assert told == "You answered it, so it is assigned to you."


def test_once_is_enough(ticket, cast):
    answer(ticket, cast)
    assert [ownership.assign_to_repliers(LATER), ownership.assign_to_repliers(LATER)] == [1, 0]


def test_a_note_is_no_answer(ticket, cast):
    ticket.refresh_from_db()
    replies.note(ticket, Words("Careful."), by=cast.acting("alice"), now=LATER)
    assert ownership.assign_to_repliers(LATER) == 0


def test_what_somebody_has_stays_with_them(ticket, cast):
    assignment.assign(ticket, there(cast.bob), by=cast.acting("carol"), now=NOON)
    answer(ticket, cast)
    assert ownership.assign_to_repliers(LATER) == 0
    assert owner(ticket) == cast.bob


def test_what_was_given_back_after_the_answer_stays_everybodys(ticket, cast):
    assignment.assign_to_me(ticket, by=cast.acting("alice"), now=NOON)
    answer(ticket, cast)
    assignment.release(ticket, by=cast.acting("alice"), now=LATER + timedelta(minutes=1))
    assert ownership.assign_to_repliers(LATER + timedelta(minutes=2)) == 0
    assert owner(ticket) is None


def test_who_does_not_work_in_the_queue_does_not_get_it(ticket, cast):
    answer(ticket, cast)
    cast.alice.memberships.all().delete()
    assert ownership.assign_to_repliers(LATER) == 0
    assert owner(ticket) is None


def test_a_reply_that_can_be_taken_back_gives_it_to_nobody_yet(ticket, cast):
    answer(ticket, cast)
    there(cast.bob)
    answer(ticket, cast, "bob", undo=timedelta(seconds=15))
    assert ownership.assign_to_repliers(LATER) == 0
    assert owner(ticket) is None


def test_full_places_do_not_stand_against_it(ticket, cast):
    agent = there(cast.alice)
    agent.places = 0
    agent.save(update_fields=["places"])
    answer(ticket, cast)
    assert ownership.assign_to_repliers(LATER) == 1
