"""An automatic reply from a claimed address does not prove the claim."""

from __future__ import annotations

import pytest

from tests.helpdesk.rights.attacks import Attack
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import claims
from tickets.models import Customer, Identity, Outbound, Ticket

CALLER, VICTIM = "+33612345678", "victim@x.example"


@pytest.fixture
def called(cast) -> Ticket:
    """Return the ticket of a named caller who claims the victim's address."""
    attack = Attack(cast)
    attack.call(CALLER)
    ticket = Ticket.objects.get(calls__customer_number=CALLER)
    Customer.objects.filter(pk=ticket.customer_id).update(name="Eve Caller")
    claims.add_claim(ticket, "email", VICTIM, by=cast.acting("alice"), now=database_now())
    ticket.refresh_from_db()
    replies.reply(ticket, Words("As you wished."), by=cast.acting("alice"), now=database_now())
    return ticket


def answered(cast, ticket: Ticket, **headers: str) -> None:
    sent = Outbound.objects.filter(ticket=ticket, to=VICTIM).latest("pk")
    Attack(cast).mail(VICTIM, "I am away.", In_Reply_To=sent.mail_id, **headers)


def test_an_answer_of_a_machine_joins_nobody(cast, called):
    answered(cast, called, Auto_Submitted="auto-replied", X_Autoreply="yes")
    owner = Identity.objects.proved().get(value=VICTIM)
    assert owner.customer_id != called.customer_id
    later = Attack(cast).mail(VICTIM, "My own matter.")
    assert later.customer_id == owner.customer_id


def test_an_answer_of_a_person_joins_nobody_with_the_caller_either(cast, called):
    answered(cast, called)
    owner = Identity.objects.proved().get(value=VICTIM)
    assert owner.customer_id != called.customer_id
    assert called.participants.accepted().filter(identity=owner).exists()


def test_the_owner_of_a_callers_address_is_mailed_once(cast, called):
    answered(cast, called)
    called.refresh_from_db()
    replies.reply(called, Words("Thank you."), by=cast.acting("alice"), now=database_now())
    sent = Outbound.objects.filter(ticket=called, kind="reply").latest("pk")
    assert (sent.to, sent.cc) == (VICTIM, [])
