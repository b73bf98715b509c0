"""Missed calls of one caller are one ticket, one piece of work, one call back."""

import pytest

from routing.assigning.work_items import reconcile_work_items
from routing.models import WorkItem
from tests import make
from tests.tickets.channels.phone.told import incoming, send
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import Call, Identity, Ticket

NUMBER = "+33612345678"


def called(customer):
    now = database_now()
    Identity.objects.create(customer=customer, kind="phone", value=NUMBER, created_at=now, verified_at=now)


def miss(cast, *numbers, number=NUMBER):
    for call in numbers:
        send(cast.phone, incoming("call.missed", call_id=f"c{call}", number=number))


def test_three_are_one_ticket_and_one_piece_of_work(cast):
    miss(cast, 1, 2, 3)
    ticket = Ticket.objects.get()
    reconcile_work_items(database_now())
    assert ticket.subject == "3 missed calls from +33 6 12 34 56 78"
    assert WorkItem.objects.get().kind == "missed_call"
    assert ticket.calls.count() == 3


@pytest.mark.parametrize("others", [2, 3])
def test_they_are_one_though_the_caller_has_other_tickets(cast, others):
    called(cast.dana)
    for number in range(others):
        make.ticket(cast.web, cast.dana, f"Matter {number}", now=database_now())
    miss(cast, 1, 2, 3)
    assert Ticket.objects.count() == others + 1


def test_they_are_one_though_several_share_the_number(cast):
    called(cast.dana)
    called(cast.emile)
    miss(cast, 1, 2, 3)
    assert Ticket.objects.get().calls.count() == 3


def test_one_after_the_answer_is_work_again(cast):
    called(cast.dana)
    make.ticket(cast.web, cast.dana, "One", now=database_now())
    make.ticket(cast.web, cast.dana, "Two", now=database_now())
    miss(cast, 1)
    first = Call.objects.get().ticket
    replies.reply(first, Words("We tried to reach you."), by=cast.acting("alice"), now=database_now())
    miss(cast, 2)
    assert Call.objects.get(external_id="c2").ticket != first


def test_withheld_numbers_are_different_people(cast):
    miss(cast, 1, 2, number="anonymous")
    assert Ticket.objects.count() == 2


def test_other_numbers_are_other_people(cast):
    miss(cast, 1)
    miss(cast, 2, number="+33698765432")
    assert Ticket.objects.count() == 2


def test_subject_that_a_colleague_wrote_stays(cast):
    miss(cast, 1)
    Ticket.objects.get().rename("Broken lamp", by=cast.acting("alice"), now=database_now())
    miss(cast, 2)
    assert Ticket.objects.get().subject == "Broken lamp"


def test_events_of_one_call_are_counted_once(cast):
    for _ in range(3):
        miss(cast, 1)
    assert Ticket.objects.get().subject == "Missed call from +33 6 12 34 56 78"
