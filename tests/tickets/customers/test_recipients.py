"""Composer, reply, chat continued by mail, and questions by mail use the same recipients."""

import pytest
from django.urls import reverse

from tests import make
from tickets.actor import SYSTEM, Actor
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.models import Outbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast, now):
    """Return Dana's ticket, in which Émile is an earlier participant and Mallory waits for approval."""
    ticket = make.ticket(cast.web, cast.dana, now=now)
    own = ticket.participants.get().identity
    ticket.participants.all().delete()
    mal = make.customer("Mal", "mal@demo.example")
    states = {cast.emile: "accepted", mal: "pending", cast.dana: "accepted"}
    for person, state in states.items():
        identity = own if person == cast.dana else person.identities.get()
        ticket.participants.create(customer=person, identity=identity, state=state, created_at=now)
    return ticket


def test_requester_is_the_tickets_customer_and_the_others_get_copies(ticket, cast):
    found = find_recipients(ticket)
    assert (found.requester.customer, found.address) == (cast.dana, cast.dana.email)
    assert found.copies == ["emile@moreau.example"]


def test_reply_goes_to_whom_the_composer_shows(ticket, cast, client):
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()
    message = replies.reply(ticket, Words("Hello."), by=Actor.for_user(cast.alice), now=ticket.updated_at)
    row = message.outbounds.get()
    shown = page.partition("composer__to")[2].partition("</p>")[0]
    assert row.to in shown
    assert all(copy in shown for copy in row.cc)
    assert "mal@demo.example" not in shown
    assert (row.to, row.cc) == (cast.dana.email, ["emile@moreau.example"])


def test_thanks_go_to_the_tickets_customer(ticket, cast, now):
    thanks = outbox.acknowledge_ticket(ticket, now=now)
    assert thanks.to == cast.dana.email


def test_chat_that_turns_into_mail_copies_the_others_once(ticket, cast, now):
    row = outbox.add_outbound(
        Outbound.Kind.REPLY, channel=cast.chat, to="", ticket=ticket, participant=None, now=now, by=SYSTEM
    )
    outbox._turn_into_mail(row, ticket, cast.dana.email, now=now)
    assert row.cc == ["emile@moreau.example"]
