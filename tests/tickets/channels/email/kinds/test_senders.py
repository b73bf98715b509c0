"""Everybody whom SMTP let in can write to us; a sender who may not get our answer is named as such."""

import pytest
from django.urls import reverse

from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.parsing import parse_email
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers.mail_addresses import normalise_sender
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import Outbound

ODD = [
    "dana..petit.@docomo.example",
    ".dana@docomo.example",
    "root@server1",
    "émile@exemple.example",
    "用户@例子.example",
]
TAKEN = {
    "Dana@Petit.example": "dana@petit.example",
    "dana.@docomo.example": "dana.@docomo.example",
    "cron@localhost": "cron@localhost",
    "printer@my_host": "printer@my_host",
    "ÉMILE@exemple.example": "émile@exemple.example",
    "dana": "",
    "dana@": "",
    "@petit.example": "",
    "dana@@petit.example": "",
    "dana@petit example": "",
    "dana@petit..example": "",
    "dana@-petit": "",
    "dana@petit.example,eve@evil.example": "",
    "dana@petit.example\r\nBcc: eve@evil.example": "",
    "=?utf-8?q?a?=@evil": "",
    "\u212aate@petit": "",
    "da\u200bna@petit": "",
    "dana@pe\u202etit": "",
    "<script>@petit": "",
}  # fmt: skip


@pytest.mark.parametrize("text", TAKEN)
def test_an_address_is_taken_as_far_as_it_is_one(text):
    assert normalise_sender(text) == TAKEN[text]


def came(sender, now, text="My lamp is broken."):
    raw = mail("x@x.example", text).replace(b"From: x@x.example", f"From: {sender}".encode())
    row, _ = mailroom.accept(raw, recipients=["support@demo.example"], now=now)
    return receive.process(row.pk, now=now)


@pytest.mark.parametrize("sender", ODD)
def test_an_odd_sender_opens_a_ticket_that_says_so(sender, cast, now, client):
    outcome = came(f"Dana <{sender}>", now)
    assert (outcome.state, outcome.message.from_address) == ("opened", sender)
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[outcome.ticket.pk])).content.decode()
    assert f"{sender} is no usual mail address" in page


@pytest.mark.parametrize("sender", ODD)
def test_software_writes_to_no_odd_sender(sender, cast, now):
    came(sender, now)
    assert not Outbound.objects.exists()


@pytest.mark.parametrize("sender", ODD)
def test_an_answer_to_an_odd_sender_ends_in_a_state_that_is_shown(sender, cast, now):
    ticket = came(sender, now).ticket
    message = replies.reply(ticket, Words("A new one leaves today."), by=cast.acting("alice"), now=now)
    assert outbox.deliver(message.outbounds.get().pk, now=now).state in ("sent", "failed")


def test_a_usual_sender_is_not_called_odd(cast, now, client):
    ticket = came("Dana <dana@petit.example>", now).ticket
    client.force_login(cast.alice)
    assert (
        "no usual mail address" not in client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()
    )


def test_the_next_mail_of_an_odd_sender_is_the_same_customers(cast, now):
    first, second = came("root@server1", now), came("Root <ROOT@server1>", now, "And the bulb too.")
    assert first.ticket.customer == second.ticket.customer


def test_a_sender_without_any_address_is_held_by_name(cast, now, client):
    outcome = came("root (Cron Daemon)", now)
    assert outcome.state == "quarantined"
    client.force_login(cast.carol)
    page = client.get(reverse("desk:quarantine")).content.decode()
    assert "root (Cron Daemon)" in page


def test_the_name_is_what_stands_instead_of_an_address():
    assert parse_email(b"From: root (Cron Daemon)\n\nx").from_name == "root (Cron Daemon)"
