"""A channel added by its folder alone goes the whole way: webhook, ticket, router, desk, outbox, numbers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from metrics.facts import derive
from metrics.models import FactTicket
from routing.dispatch import run
from routing.models import WorkItem
from tests import make
from tests.routing.scene import there
from tests.testchannel.adapter import BUSY, UNREACHABLE, gateway
from tests.tickets.channels.phone.told import headers_of, send
from tickets.channels import signing
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.desk.writing import drafts
from tickets.errors import Invalid
from tickets.models import Draft, Inbound, Message, Outbound, Ticket

NUMBER = "+33612345678"


@pytest.fixture
def sms(cast):
    gateway.clear()
    return make.channel("sms", cast.orders)


def told(text="My lamp is broken.", number=NUMBER):
    return {"from": number, "text": text}


def arrived(sms, text="My lamp is broken.", number=NUMBER):
    """Let a text message come; return its ticket."""
    answer = send(sms, told(text, number))
    assert answer.status_code == 200, answer.content
    return Ticket.objects.get(pk=answer.json()["ticket"])


def answered(ticket, cast, text="It is on its way.", **options):
    return replies.reply(ticket, Words(text), by=cast.acting("alice"), now=database_now(), **options)


def sent(message):
    """Send what was written; return the outbox row."""
    row = Outbound.objects.get(message=message)
    outbox.deliver(row.pk, now=database_now())
    row.refresh_from_db()
    return row


def test_signed_event_opens_a_ticket(sms):
    ticket = arrived(sms)
    message = ticket.messages.get()
    assert (ticket.channel, ticket.state, message.channel_slug, message.text) == (
        sms,
        "new",
        "sms",
        "My lamp is broken.",
    )


def test_unsigned_event_is_refused_and_kept_nowhere(sms):
    answer = Client().post(
        reverse("webhook", args=["sms", sms.key]), json.dumps(told()), content_type="application/json"
    )
    assert (answer.status_code, Inbound.objects.count()) == (401, 0)


def test_old_event_is_refused(sms):
    assert send(sms, told(), at=database_now() - timedelta(minutes=6)).status_code == 401


def test_same_event_twice_is_one_message(sms):
    for _ in range(2):
        assert send(sms, told(), event_id="e1").status_code == 200
    assert Message.objects.count() == 1


def test_id_used_for_another_event_is_refused(sms):
    send(sms, told(), event_id="e1")
    assert send(sms, told("Another"), event_id="e1").status_code == 409


def test_event_larger_than_the_limit_is_refused(sms):
    assert send(sms, told("x" * 70_000)).status_code == 413


def test_event_for_another_kind_of_channel_is_for_nobody(sms):
    raw = json.dumps(told()).encode()
    signed = headers_of(sms.secret, raw, event_id="e1", at=database_now())
    address = reverse("webhook", args=["phone", sms.key])
    answer = Client().post(address, raw, content_type="application/json", headers=signed)
    assert answer.status_code == 404


def test_administrator_is_told_the_address_of_the_webhook(sms, client, cast):
    client.force_login(cast.admin)
    page = client.get(reverse("admin:tickets_channel_change", args=[sms.pk])).content.decode()
    assert signing.webhook_address(sms) in page
    assert sms.secret in page


def test_next_message_joins_the_only_open_ticket(sms):
    assert arrived(sms, "And it smells.") == arrived(sms, "Is anybody there?")


def test_message_of_somebody_with_two_open_tickets_opens_another(sms, cast):
    first = arrived(sms)
    first.solve(by=cast.acting("alice"), now=database_now())
    second = arrived(sms, "Something else.")
    first.reopen(by=cast.acting("alice"), now=database_now(), cause="agent")
    assert arrived(sms, "Which one?") not in (first, second)


def test_router_gives_it_to_somebody_as_it_gives_letters(sms, cast):
    there(cast.alice, database_now())
    ticket = arrived(sms)
    run.run_pass(database_now())
    ticket.refresh_from_db()
    assert (WorkItem.objects.get().kind, ticket.assignee) == ("ticket", cast.alice)


def test_desk_says_how_the_reply_leaves(sms, cast, client):
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[arrived(sms).pk])).content.decode()
    assert "Reply by text message" in page
    assert "Reply in the chat" not in page
    assert f"To {NUMBER}" in page


def test_desk_offers_nothing_that_the_channel_cannot_do(sms, cast, client):
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[arrived(sms).pk])).content.decode()
    reply = page.partition('id="sheet-reply"')[2].partition('id="sheet-note"')[0]
    assert "send_at" not in reply
    assert 'for="attach-reply"' not in reply


def test_reply_leaves_by_the_channel_to_the_number(sms, cast):
    row = sent(answered(arrived(sms), cast))
    assert (row.state, row.channel, row.to, row.cc) == ("sent", sms, NUMBER, [])
    assert gateway == [(NUMBER, "It is on its way.")]


def test_reply_at_a_chosen_time_is_refused(sms, cast):
    ticket = arrived(sms)
    with pytest.raises(Invalid) as refused:
        answered(ticket, cast, send_at=database_now() + timedelta(hours=1))
    assert refused.value.code == "send_at"
    assert "text message" in str(refused.value.sentence)
    assert not Outbound.objects.filter(ticket=ticket, kind="reply").exists()


def test_reply_with_files_is_refused(sms, cast):
    ticket, now = arrived(sms), database_now()
    draft = Draft.objects.create(
        ticket=ticket, user=cast.alice, kind="reply", text="", seen_seq=1, updated_at=now
    )
    drafts.attach_files(draft, [SimpleUploadedFile("plan.txt", b"plan", "text/plain")], now=now)
    with pytest.raises(Invalid) as refused:
        replies.reply(ticket, Words("See there.", draft=draft), by=cast.acting("alice"), now=now)
    assert refused.value.code == "no_files"


def test_what_the_gateway_refuses_comes_back_to_the_agent(sms, cast, client):
    ticket = arrived(sms, number=UNREACHABLE)
    row = sent(answered(ticket, cast))
    ticket.refresh_from_db()
    assert (row.state, row.error.code, row.error.provider, ticket.state) == ("failed", "21211", "sms", "open")
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()
    assert "21211 No such number" in page


def test_what_the_gateway_cannot_take_now_is_tried_again(sms, cast):
    row = sent(answered(arrived(sms, number=BUSY), cast))
    assert (row.state, row.error.kind, row.attempts) == ("deferred", "temporary", 1)


@pytest.mark.parametrize(("name", "status"), [("alice", 200), ("mallory", 404)])
def test_ticket_opens_for_its_queue_alone(sms, cast, client, name, status):
    client.force_login(getattr(cast, name))
    assert client.get(reverse("desk:ticket", args=[arrived(sms).pk])).status_code == status


def test_numbers_count_it_under_its_own_name(sms, cast, client):
    ticket = arrived(sms)
    sent(answered(ticket, cast, then="solved"))
    derive.rebuild_facts(now=database_now())
    assert FactTicket.objects.get(ticket=ticket).channel == "sms"
    client.force_login(cast.carol)
    page = client.get(reverse("metrics:metric", args=["fcr"]) + "?channel=sms").content.decode()
    assert '<option value="sms" selected>text message</option>' in page
