"""A link that was mailed to somebody opens nothing any more once the request is somebody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as post
from django.test import Client

from tests.helpdesk.rights.attacks import EVIL, SECRET
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import links
from tickets.delivery import outbox
from tickets.models import Outbound, Participant, Ticket

POSING = "Hello, Dana here. I have no access to my usual mailbox."


def claimed(attack) -> tuple[Ticket, str]:
    """Return a ticket that somebody opened in Dana's name, and the link that was mailed to them."""
    attack.form(EVIL, POSING)
    ticket = Ticket.objects.latest("pk")
    return ticket, links.make_request_url(Participant.objects.get(ticket=ticket), now=database_now())


def answered_as_dana(attack, ticket: Ticket) -> None:
    cast = attack.cast
    said = attack.at_work("alice").post(f"/admin/desk/{ticket.pk}/who/", {"customer": cast.dana.pk})
    assert said.status_code < 300
    ticket.refresh_from_db()
    replies.reply(ticket, Words(f"It is {SECRET}."), by=cast.acting("alice"), now=database_now())


@pytest.mark.parametrize("was_open", [True, False], ids=["already open", "opened later"])
def test_who_posed_as_a_customer_reads_nothing_after_an_agent_said_who_it_is(attack, was_open):
    attack.mail("Dana Petit <dana@petit.example>", "My lamp.")
    ticket, link = claimed(attack)
    browser = Client()
    if was_open:
        assert browser.get(link, follow=True).status_code == 200
    answered_as_dana(attack, ticket)
    pages = [browser.get(link, follow=True), browser.get(f"/requests/{ticket.public_id}/", follow=True)]
    assert not any(SECRET in page.content.decode() for page in pages)


def taken_at_last(ticket: Ticket) -> None:
    """Let the writer's mail server, which had put our mail off, take it now."""
    waiting = Outbound.objects.filter(ticket=ticket, kind="ack")
    waiting.update(state="deferred", next_attempt_at=database_now())
    outbox.deliver_due(now=database_now() + timedelta(minutes=1))


def link_in_the_last_mail_to(address: str) -> str:
    text = str(next(mail for mail in reversed(post.outbox) if address in mail.to).body)
    found = re.search(r"https?://[^/\s]+(/r/[\w-]+/)", text)
    return found[1] if found else ""


def test_a_mail_that_waited_brings_no_link_to_a_request_that_is_another_customers(attack):
    attack.mail("Dana Petit <dana@petit.example>", "My lamp.")
    attack.form(EVIL, POSING)
    ticket = Ticket.objects.latest("pk")
    answered_as_dana(attack, ticket)
    Outbound.objects.filter(ticket=ticket, kind="ack").update(
        state="deferred", next_attempt_at=database_now()
    )
    outbox.deliver_due(now=database_now() + timedelta(minutes=1))
    assert (
        SECRET
        not in Client().get(link_in_the_last_mail_to(EVIL) or "/requests/", follow=True).content.decode()
    )


def test_a_mail_that_waited_brings_no_link_once_the_address_was_corrected(attack):
    chat = attack.chat()
    chat.introduces(EVIL)
    chat.says("Hello?")
    chat.session.refresh_from_db()
    ticket = chat.session.ticket
    outbox.acknowledge_ticket(ticket, now=database_now())
    chat.introduces("dana@petit.example")
    Outbound.objects.filter(ticket=ticket, kind="ack").update(
        state="deferred", next_attempt_at=database_now()
    )
    outbox.deliver_due(now=database_now() + timedelta(minutes=1))
    assert link_in_the_last_mail_to(EVIL) == ""


@pytest.mark.parametrize("odd", ["x@e\uff58ample.com", "=?utf-8?q?a=0d=0a?=@evil.example"])
def test_an_address_that_is_none_is_asked_for_again(attack, odd):
    fields = {"email": odd, "subject": "Hello", "text": "Hello.", "about": attack.cast.web.key}
    for address in ("/request/", "/requests/"):
        assert Client().post(address, fields).status_code == 400
    assert not Ticket.objects.exists()


def test_the_same_form_speaks_for_nobody_who_has_proved_its_address(attack):
    token = "a" * 20
    fields = {"email": "dana@petit.example", "subject": "Hello", "text": "One.", "token": token}
    fields["about"] = attack.cast.web.key
    Client().post("/request/", fields)
    ticket = Ticket.objects.latest("pk")
    Client().post("/request/", {**fields, "text": "Two."})
    assert ticket.messages.count() == 2
    outbox.deliver_due(now=database_now() + timedelta(minutes=1))
    sent = Outbound.objects.get(ticket=ticket, kind="ack")
    attack.mail("Dana <dana@petit.example>", "What is this?", In_Reply_To=sent.mail_id)
    ticket.refresh_from_db()
    assert (ticket.customer, ticket.messages.count()) == (attack.cast.dana, 3)
    Client().post("/request/", {**fields, "text": "Send it to another house."})
    assert ticket.messages.count() == 3
    assert Ticket.objects.latest("pk").customer != attack.cast.dana


def test_who_posed_as_somebody_who_waits_for_a_yes_takes_part_no_more(attack):
    cast = attack.cast
    attack.mail("Dana Petit <dana@petit.example>", "My lamp.")
    ticket, link = claimed(attack)
    outbox.deliver_due(now=database_now() + timedelta(minutes=1))
    sent = Outbound.objects.get(ticket=ticket, kind="ack")
    attack.mail("Dana Petit <dana@petit.example>", "Is this mine?", In_Reply_To=sent.mail_id)
    answered_as_dana(attack, ticket)
    assert Outbound.objects.filter(ticket=ticket, kind="reply").get().to == cast.dana.email
    assert Outbound.objects.filter(ticket=ticket, kind="reply").get().cc == []
    assert SECRET not in Client().get(link, follow=True).content.decode()
