"""Agents who answer by mail: by their own address, proved by our server, with the right to the ticket."""

import pytest

from tests import make
from tests.mails import mail
from tickets.channels.email.inbound import mailroom, reply_by_mail
from tickets.channels.email.outbound.outward import build_mail
from tickets.intake import receive
from tickets.models import Message, Outbound, QueueMembership, Reader

PROVED = "mx.demo.example; dmarc=pass header.from=demo.example"


@pytest.fixture
def told(cast, now):
    """Return the address made for Alice, who is told by mail what Dana wrote."""
    cast.mailbox.options = {"authserv_id": "mx.demo.example"}
    cast.mailbox.save()
    QueueMembership.objects.filter(user=cast.alice).update(wants_mail=True)
    ticket = make.ticket(cast.web, cast.dana)
    ticket.set_assignee(cast.alice, by=cast.acting("carol"), now=now, data={})
    assert reply_by_mail.tell_due(now=now) == 1
    return build_mail(Outbound.objects.get(to="alice@demo.example"), now=now).reply_to[0]


@pytest.fixture
def answer(told, now):
    def send(sender="alice@demo.example", to=told, proof=PROVED, **headers):
        raw = mail(sender, "A new one leaves today.", to=to, Authentication_Results=proof, **headers)
        row, _ = mailroom.accept(raw, recipients=[to], now=now)
        return receive.process(row.pk, now=now)

    return send


def test_an_agent_is_told_once(told, now):
    assert reply_by_mail.tell_due(now=now) == 0


def test_the_answer_goes_to_the_customer_as_theirs(answer, cast):
    outcome = answer()
    assert (outcome.state, outcome.message.kind, outcome.message.author_user) == (
        "attached",
        "out",
        cast.alice,
    )
    assert Outbound.objects.get(kind="reply").to == "dana@petit.example"


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "mx.demo.example; dmarc=none",
        "mx.evil.example; dmarc=pass",
        "mx.demo.example; dmarc=pass (p=none) header.from=evil.example",
    ],
)
def test_unproved_it_waits_for_a_person(answer, proof):
    assert answer(proof=proof).state == "quarantined"
    assert not Message.objects.filter(kind="out").exists()


OTHERS = {
    "a form's Reply-To": {"Reply_To": "alice@demo.example"},
    "a group's original sender": {
        "X_Original_Sender": "alice@demo.example",
        "List_Post": "<mailto:form@evil.example>",
    },
}


@pytest.mark.parametrize("headers", OTHERS.values(), ids=OTHERS)
def test_proof_of_another_sender_is_none_of_the_colleague_whom_the_mail_names(answer, headers):
    proof = "mx.demo.example; dmarc=pass header.from=evil.example"
    assert answer(sender="form@evil.example", proof=proof, **headers).state == "quarantined"
    assert not Message.objects.filter(kind="out").exists()


def test_a_forged_address_is_quarantined(answer, told):
    last = told.partition("@")[0][-1]
    forged = told.replace(f"{last}@", "3@" if last == "2" else "2@", 1)
    assert answer(to=forged).state == "quarantined"


def test_another_persons_address_is_worth_nothing(answer):
    assert answer(sender="bob@demo.example").state == "quarantined"


def test_who_left_the_queue_answers_no_more(answer, cast):
    QueueMembership.objects.filter(user=cast.alice).delete()
    cast.alice.assigned_tickets.update(assignee=None)
    assert answer().state == "quarantined"


def test_what_comes_too_late_becomes_a_note(answer, cast, now):
    make.customer_message(cast.dana.tickets.get(), "It has arrived.", now=now)
    assert answer().message.kind == "note"
    assert not Reader.objects.filter(user=cast.alice).exists()  # what came meanwhile has not been read
