"""A new column costs its migration and nothing else: no statement of ours needs to name it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from helpdesk.databases.column_defaults import OURS, constant_defaults
from metrics.facts import derive
from routing.dispatch import run
from routing.models import WorkItem
from tests import make
from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import Ticket

MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]


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


def test_the_whole_path_runs_with_a_column_more_in_every_table(cast):
    """As after makemigrations and migrate of `is_new = BooleanField(default=False)` on each model."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in MODELS:
            cursor.execute(
                f'ALTER TABLE "{model._meta.db_table}" ADD COLUMN is_new boolean NOT NULL DEFAULT false'
            )
    row, _new = mailroom.accept(
        mail("new@person.example", "Where is my lamp?"),
        recipients=["support@demo.example"],
        now=database_now(),
    )
    ticket = receive.process(row.pk, now=database_now()).ticket
    run.run_pass(database_now())
    assert WorkItem.objects.filter(ticket=ticket).exists()
    reply = replies.reply(ticket, Words("On its way."), by=cast.acting("alice"), now=database_now())
    assert outbox.deliver(reply.outbounds.get().pk, now=database_now()).state == "sent"
    make.ticket(cast.web, cast.dana)
    derive.rebuild(now=database_now())
    assert Ticket.objects.count() == 2
