"""A new column costs its migration and nothing else: no statement of ours needs to name it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import reverse

from helpdesk.databases.column_defaults import OURS, constant_defaults
from helpdesk.history.load import load_history
from helpdesk.runtime.sweep import all_sweeps
from metrics.models import FactContact, FactTicket, Survey
from metrics.surveys import answering, inviting
from routing.dispatch import run
from routing.models import Decision, WorkItem
from routing.workforce import agents, presence
from tests import make
from tests.mails import mail
from tests.tickets.api.conftest import api, secret  # noqa: F401  (fixtures)
from tests.tickets.channels.phone.told import incoming, send
from tickets.channels.chat import conversation
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import ChatSession, Event, Inbound, Message, Reader, Ticket
from tickets.platform import crypto

MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]


@pytest.fixture
def wider(cast):
    """Give every table two columns more, as migrations of new fields would: one may be empty, one may not."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in (*MODELS, get_user_model()):
            cursor.execute(
                f'ALTER TABLE "{model._meta.db_table}"'
                " ADD COLUMN remark text, ADD COLUMN is_new boolean NOT NULL DEFAULT false"
            )
    return cast


@pytest.fixture
def ticket(wider):
    return make.ticket(wider.web, wider.dana, now=database_now())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_constant_defaults_stand_in_the_database_too(model, db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND column_default IS NOT NULL",
            [model._meta.db_table],
        )
        have = {name for (name,) in cursor.fetchall()}
    assert {column for column, _value in constant_defaults(model)} <= have


def test_a_mail_comes_in_and_its_answer_joins_it(wider):
    for text, headers in (("Where is my lamp?", {"Message_ID": "<one@person.example>"}),
                          ("And its bulb?", {"In_Reply_To": "<one@person.example>"})):  # fmt: skip
        raw = mail("new@person.example", text, **headers)
        row, _new = mailroom.accept(raw, recipients=["support@demo.example"], now=database_now())
        receive.process(row.pk, now=database_now())
    assert [message.seq for message in Ticket.objects.get().messages.order_by("seq")] == [1, 2]


def test_a_form_is_sent(wider, client):
    fields = {
        "email": "new@person.example",
        "subject": "Lamp",
        "text": "Broken.",
        "token": "0123456789abcdef",
    }
    assert client.post(reverse("portal:request"), fields).status_code == 302
    assert Inbound.objects.get().state == "opened"


def test_a_reply_leaves_and_a_note_stays(wider, ticket):
    now, alice = database_now(), wider.acting("alice")
    replies.note(ticket, Words("Look at the lamp.", seen_seq=1), by=alice, now=now)
    reply = replies.reply(ticket, Words("On its way.", seen_seq=2), by=alice, now=now)
    assert outbox.deliver(reply.outbounds.get().pk, now=now).state == "sent"
    assert (reply.seq, Reader.objects.get(ticket=ticket, user=wider.alice).seen_seq) == (3, 3)


def test_the_desk_is_read_and_written_on(wider, ticket, client):
    client.force_login(wider.alice)
    assert client.get(reverse("desk:ticket", args=[ticket.pk])).status_code == 200
    seen = {"seen": "1", "writing": "1", "seen_seq": "1", "kind": "note", "text": "Soon", "then": "open"}
    for name in ("desk:readers", "desk:draft", "desk:send"):
        assert (
            client.post(reverse(name, args=[ticket.pk]), seen, headers={"HX-Request": "true"}).status_code
            < 300
        )
    assert ticket.messages.filter(kind="note").exists()


def test_a_visitor_chats(wider):
    now = database_now()
    session = ChatSession.objects.create(
        channel=wider.chat, token_digest=crypto.digest("a visitor"), opened_at=now, last_seen_at=now
    )
    raw = conversation.build_document(session, "00000000-0000-0000-0000-000000000001", "Hello?")
    assert receive.receive(wider.chat, raw, source_key="one", now=now).state == "opened"


def test_a_call_is_missed(wider):
    send(wider.phone, incoming("call.missed"))
    assert Ticket.objects.get().channel == wider.phone


def test_the_api_opens_a_ticket_once(wider, api):  # noqa: F811
    fields = {
        "customer": {"email": "new@person.example"},
        "queue": "orders",
        "subject": "Lamp",
        "text": "Hi.",
    }
    assert [api("post", "tickets/", key="one", **fields).status_code for _ in range(2)] == [201, 201]
    assert Ticket.objects.count() == 1


def test_the_router_gives_work_and_everything_is_swept(wider, ticket):
    now = database_now()
    presence.set_status(
        agents.demand_agent(wider.acting("alice"), now=now), "available", by=wider.acting("alice"), now=now
    )
    run.run_pass(now)
    assert WorkItem.objects.get(ticket=ticket).state in ("taken", "offered")
    assert Decision.objects.filter(item__ticket=ticket).exists()
    for sweep in all_sweeps():
        sweep.run(now + timedelta(minutes=1))


def test_facts_are_derived_and_a_survey_is_answered(wider, ticket):
    now, alice = database_now(), wider.acting("alice")
    replies.reply(ticket, Words("It is repaired."), by=alice, now=now, then="solved")
    for sweep in all_sweeps():
        if "fact" in sweep.name:
            sweep.run(now)
    assert (FactTicket.objects.count(), FactContact.objects.count()) == (1, 1)
    inviting.invite_due(now=now + timedelta(days=2))
    assert answering.record_answer(Survey.objects.get(), 6, "Fine.", now=now + timedelta(days=2))


def test_history_is_loaded(wider):
    load_history(20, now=database_now(), say=lambda _: None)
    assert (Ticket.objects.count(), Message.objects.count() > 20, Event.objects.exists()) == (20, True, True)
