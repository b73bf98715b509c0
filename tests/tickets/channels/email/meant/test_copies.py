"""People in copy: shown on the message, let in by a click or by the queue, then answered, and heard."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tickets.channels.email.outbound.outward import build_mail
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import links
from tickets.errors import NotFound
from tickets.models import Identity, Outbound, Participant, QueueMembership

DANA, PAUL = "Dana <dana@petit.example>", "Paul Petit <paul@petit.example>"
FIRST = {"Message_ID": "<first@petit.example>"}


@pytest.fixture
def ticket(came):
    return came(DANA, "Paul in copy decides.", Cc=PAUL, **FIRST).ticket


@pytest.fixture
def click(ticket, cast, client):
    """Return a function that presses a button of the first message as somebody of the cast."""

    def press(who="alice", *, seq=1, **sent):
        client.force_login(getattr(cast, who))
        return client.post(
            reverse("desk:copies", args=[ticket.pk, seq]), {"copy": "0", "answer": "add", **sent}
        )

    return press


def page_of(ticket, user):
    client = Client()
    client.force_login(user)
    return client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()


def answered(ticket, cast, now):
    ticket.refresh_from_db()
    message = replies.reply(ticket, Words("It leaves today."), by=cast.acting("alice"), now=now)
    return build_mail(message.outbounds.get(), now=now)


def test_copies_are_shown_with_a_button(ticket, cast):
    page = page_of(ticket, cast.alice)
    assert "Paul Petit (paul@petit.example)" in page
    assert reverse("desk:copies", args=[ticket.pk, 1]) in page


def test_whom_a_mail_went_to_besides_us_is_shown_as_in_copy(came, cast):
    ticket = came(DANA, to=f"support@demo.example, {PAUL}").ticket
    assert "Paul Petit (paul@petit.example)" in page_of(ticket, cast.alice)


def test_our_mailboxes_and_the_sender_are_nobody_in_copy(came):
    message = came(DANA, Cc="Support+x@demo.example, dana@petit.example").message
    assert "copied" not in message.facts


def test_a_colleague_in_copy_is_shown_without_a_button(came, cast):
    ticket = came(DANA, Cc="Alice <alice@demo.example>").ticket
    page = page_of(ticket, cast.alice)
    assert "Alice (alice@demo.example)" in page
    assert reverse("desk:copies", args=[ticket.pk, 1]) not in page


def test_nobody_is_in_copy_of_an_answer_without_a_click(ticket, cast, now):
    assert answered(ticket, cast, now).cc == []


def test_by_one_click_they_get_our_answers(click, ticket, cast, now):
    assert click().status_code == 204
    sent = answered(ticket, cast, now)
    assert (sent.to, sent.cc) == (["dana@petit.example"], ["paul@petit.example"])
    assert "/r/" not in sent.body  # the link is the requester's own


def test_a_second_click_changes_nothing(click, ticket):
    click()
    click()
    assert ticket.participants.count() == 2


def test_all_in_copy_are_let_in_by_one_click(came, cast, client):
    ticket = came(DANA, Cc=f"{PAUL}, nora@petit.example").ticket
    client.force_login(cast.alice)
    client.post(reverse("desk:copies", args=[ticket.pk, 1]), {"copy": "all", "answer": "add"})
    assert {part.address for part in ticket.participants.all()} == {
        "dana@petit.example", "paul@petit.example", "nora@petit.example",
    }  # fmt: skip


def test_who_was_let_in_is_a_claim(click, ticket):
    click()
    part = ticket.participants.get(role="copy")
    assert part.identity.is_claim
    with pytest.raises(NotFound):
        links.load_valid_link(identity=part.identity)


def test_they_are_nobody_whom_we_know_by_that_address(click, ticket, came):
    known = came(PAUL, "An own matter.").ticket.customer
    click()
    assert ticket.participants.get(role="copy").customer != known


def test_they_answer_our_mail_as_that_participant(click, ticket, cast, now, came):
    click()
    sent = answered(ticket, cast, now)
    outcome = came(PAUL, "Saturday is fine.", In_Reply_To=sent.extra_headers["Message-ID"])
    assert (outcome.state, outcome.ticket, outcome.message.from_name) == ("attached", ticket, "Paul Petit")
    part = ticket.participants.get(role="copy")
    assert (part.customer, part.identity.is_claim) == (outcome.message.author_customer, False)
    ticket.refresh_from_db()
    assert ticket.customer == cast.dana


def test_they_answer_the_mail_that_put_them_in_copy(click, ticket, came):
    click()
    outcome = came(PAUL, "I agree.", In_Reply_To="<first@petit.example>")
    assert (outcome.state, outcome.ticket) == ("attached", ticket)


def test_a_number_in_the_subject_is_not_enough(click, ticket, came):
    click()
    assert came(PAUL, "I agree.", subject=f"[#{ticket.pk}]").ticket != ticket


def test_before_the_click_their_answer_opens_a_linked_ticket(ticket, came):
    outcome = came(PAUL, "I agree.", In_Reply_To="<first@petit.example>")
    assert (outcome.ticket != ticket, ticket.participants.count()) == (True, 1)


def test_who_waited_for_a_yes_is_let_in_as_who_they_are(ticket, cast, now, came, click):
    sent = answered(ticket, cast, now)
    held = came(PAUL, "Saturday.", In_Reply_To=sent.extra_headers["Message-ID"])
    assert held.state == "pending"
    click()
    held.message.refresh_from_db()
    assert (held.message.is_held, ticket.participants.count()) == (False, 2)


def test_who_was_left_out_gets_nothing_and_is_a_stranger_again(click, ticket, cast, now, came):
    click()
    sent = answered(ticket, cast, now)
    click(answer="leave_out")
    assert answered(ticket, cast, now).cc == []
    assert came(PAUL, "Hm.", In_Reply_To=sent.extra_headers["Message-ID"]).state == "pending"
    click()
    assert "paul@petit.example" in answered(ticket, cast, now).cc


def test_the_requester_is_not_left_out(came, cast, client):
    ticket = came(DANA, Cc=PAUL).ticket
    came(PAUL, "Mine.", Cc=DANA)
    client.force_login(cast.alice)
    client.post(reverse("desk:copies", args=[ticket.pk, 1]), {"copy": "0", "answer": "leave_out"})
    assert ticket.participants.get().state == "accepted"


@pytest.mark.parametrize("sent", [{"copy": "1"}, {"copy": "x"}, {"copy": "-1"}, {"copy": ""}, {"copy": "²"}])
def test_nobody_else_is_added(click, ticket, sent):
    assert click(**sent).status_code in (400, 404)
    assert ticket.participants.count() == 1


def test_who_does_not_see_the_ticket_adds_nobody(click, ticket):
    assert click("mallory").status_code == 404
    assert ticket.participants.count() == 1


def test_the_queues_choice_lets_them_in_by_itself(cast, came):
    cast.orders.adds_copies = True
    cast.orders.save()
    ticket = came(DANA, Cc=PAUL, **FIRST).ticket
    assert [part.address for part in Participant.objects.accepted().filter(role="copy")] == [
        "paul@petit.example"
    ]
    assert not Outbound.objects.filter(cc__contains=["paul@petit.example"]).exists()
    assert (
        came(DANA, "And Nora.", Cc="nora@petit.example", In_Reply_To="<first@petit.example>").ticket == ticket
    )
    assert ticket.participants.filter(role="copy").count() == 2


def test_an_unproved_sender_brings_nobody_in(cast, came):
    cast.orders.adds_copies = True
    cast.orders.save()
    came("noreply@shop.example", Reply_To=DANA, Cc=PAUL)
    assert not Participant.objects.filter(role="copy").exists()


def test_a_number_that_anybody_can_write_brings_nobody_into_a_ticket(cast, came):
    cast.orders.adds_copies = True
    cast.orders.save()
    ticket = came(DANA, **FIRST).ticket
    assert came(DANA, "More.", Cc="eve@evil.example", subject=f"Re: Lamp [#{ticket.pk}]").ticket == ticket
    assert not Identity.objects.filter(value="eve@evil.example").exists()


def test_whom_an_agent_left_out_the_queue_does_not_let_in_again(cast, came, click, ticket):
    click()
    click(answer="leave_out")
    cast.orders.adds_copies = True
    cast.orders.save()
    came(DANA, "More.", Cc=PAUL, In_Reply_To="<first@petit.example>")
    assert ticket.participants.get(role="copy").state == "refused"


def test_a_held_message_brings_nobody_in(cast, came, ticket, now):
    cast.orders.adds_copies = True
    cast.orders.save()
    sent = answered(ticket, cast, now)
    came("mallory@evil.example", Cc="eve@evil.example", In_Reply_To=sent.extra_headers["Message-ID"])
    assert not Identity.objects.filter(value="eve@evil.example").exists()


def test_many_copies_are_bounded(came):
    many = ", ".join(f"p{number}@petit.example" for number in range(60))
    assert len(came(DANA, Cc=many).message.facts["copied"]) == 20


def test_a_helper_sees_no_address_in_copy(ticket, cast):
    QueueMembership.objects.filter(user=cast.bob).update(hides_personal_data=True)
    page = page_of(ticket, cast.bob)
    assert "Paul Petit (p…@…)" in page
    assert "paul@petit.example" not in page


def test_who_is_in_copy_is_known_to_those_alone_who_see_the_ticket(click, ticket, cast, client):
    click()
    for who, is_known in (("alice", True), ("mallory", False)):
        client.force_login(getattr(cast, who))
        page = client.get(reverse("desk:people"), {"who": "paul@petit.example"}).content.decode()
        assert ("Paul Petit" in page) == is_known
