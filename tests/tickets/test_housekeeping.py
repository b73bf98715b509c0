"""Periodic work: closing tickets, deleting expired rows, sealing events."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests import make
from tickets import events, housekeeping
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import AuditSeal, Event, Ticket


def test_a_solved_ticket_closes_after_the_companys_days(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    replies.reply(ticket, Words("Done."), by=cast.acting("alice"), now=now, then="solved")
    assert housekeeping.close_solved(now=now + timedelta(days=3)) == 0
    assert housekeeping.close_solved(now=now + timedelta(days=5)) == 1
    assert Ticket.objects.get(pk=ticket.pk).state == "closed"


def test_audit_events_are_sealed_in_a_chain(cast, now):
    for _ in range(3):
        events.record("account.login", by=cast.acting("alice"), at=now, data={"user": cast.alice.pk})
        later = Event.objects.latest("id").recorded_at + timedelta(minutes=5)
        assert housekeeping.seal_audit_events(now=later) == 1
    assert AuditSeal.objects.count() == 3
    assert housekeeping.find_broken_seals() == []


def test_a_changed_audit_event_breaks_its_seal(cast, now):
    events.record("account.login", by=cast.acting("alice"), at=now, data={"user": cast.alice.pk})
    later = Event.objects.latest("id").recorded_at + timedelta(minutes=5)
    housekeeping.seal_audit_events(now=later)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_event DISABLE TRIGGER events_are_final")
        cursor.execute("UPDATE tickets_event SET actor_id = '0' WHERE is_audit")
        cursor.execute("ALTER TABLE tickets_event ENABLE TRIGGER events_are_final")
    assert housekeeping.find_broken_seals() == [AuditSeal.objects.get().pk]


@pytest.mark.parametrize("verb", ["UPDATE tickets_event SET kind = 'x'", "DELETE FROM tickets_event"])
def test_nobody_changes_events(cast, now, verb):
    make.ticket(cast.web, cast.dana)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)


@pytest.mark.parametrize(
    "verb", ["UPDATE tickets_event SET kind='x'", "DELETE FROM tickets_event", "TRUNCATE tickets_event"]
)
def test_the_applications_role_may_not_even_try(app_role_connection, verb):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role_connection.execute(verb)
