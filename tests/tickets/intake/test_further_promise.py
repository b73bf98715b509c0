"""A further message of a customer gets a promise, as the first one did."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests import make
from tests.tickets.channels.chat.visitors import answer
from tickets.channels.chat import conversation
from tickets.channels.chat import session as sessions
from tickets.channels.web.adapter import build_document
from tickets.clock import database_now
from tickets.intake import receive
from tickets.models import Ticket
from tickets.promises import promises
from tickets.promises.promises import Estimate


@pytest.fixture(autouse=True)
def estimated(monkeypatch):
    """Make every estimate an hour; return the list of their `is_live` arguments."""
    asked = []

    def estimate(queue, *, is_live, now):
        asked.append(is_live)
        return Estimate(now, now + timedelta(hours=1))

    monkeypatch.setattr(promises, "_estimators", [estimate])
    return asked


def ask_again(ticket, key="again", **more):
    part = {"customer": ticket.customer_id, "ticket": ticket.pk}
    form = {"email": "dana@petit.example", "name": "", "text": "And when?", "participant": part, **more}
    raw = build_document(form)
    return receive.receive(ticket.channel, raw, source_key=f"page-{key}", now=database_now())


def open_promises(ticket):
    return ticket.promises.filter(kept_at=None, broken_at=None, replaced_by=None).count()


@pytest.fixture
def answered(cast):
    ticket = make.ticket(cast.web, cast.dana, now=database_now())
    answer(ticket, cast.alice, "It is on its way.")
    return ticket


def test_a_further_question_is_promised_an_answer(answered):
    assert open_promises(answered) == 0
    ask_again(answered)
    assert open_promises(answered) == 1


def test_a_second_word_while_somebody_waits_is_promised_nothing_more(answered):
    ask_again(answered)
    ask_again(answered, key="more", text="Hello?")
    assert (open_promises(answered), answered.promises.count()) == (1, 2)


def visitor(cast):
    session, _token = sessions.open_session(cast.chat, origin="", page="", language="en", now=database_now())
    return lambda text: conversation.receive_message(session.pk, uuid4(), text, now=database_now()).ticket


def test_a_talk_that_somebody_is_in_goes_on_without_a_promise(cast, estimated):
    say = visitor(cast)
    ticket = say("Anybody?")
    Ticket.objects.filter(pk=ticket.pk).update(assignee=cast.alice)
    answer(ticket, cast.alice, "Me")
    say("Good")
    assert open_promises(ticket) == 0


def test_a_question_in_a_chat_that_nobody_is_in_any_more_is_promised_an_answer(cast, estimated):
    say = visitor(cast)
    ticket = say("Anybody?")
    answer(ticket, cast.alice, "Me")
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    estimated.clear()
    say("Good. And the lamp?")
    assert (open_promises(ticket), estimated) == (1, [True])
