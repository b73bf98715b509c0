"""Rows of several tables in one statement."""

import pytest
from django.db import IntegrityError, connection

from tests import make
from tickets.actor import SYSTEM
from tickets.events import draft
from tickets.models import Event, MailReference, Message, Participant, Queue, Tag
from tickets.platform.bulk_insert import BulkInsert


def message(ticket, seq, now, **fields):
    return Message(ticket=ticket, seq=seq, kind="note", channel_slug="web", created_at=now, **fields)


def test_rows_have_numbers_before_they_are_written(cast, now):
    rows, ticket = BulkInsert(), make.ticket(cast.web, cast.dana)
    rows.draw(Message)
    note = rows.add(message(ticket, 2, now, text="Émile’s “lamp”", facts={"a": [1, None]}))
    also = rows.add(message(ticket, 3, now))
    assert also.pk == note.pk + 1
    assert not Message.objects.filter(seq__gte=2).exists()
    rows.write()
    assert Message.objects.get(pk=note.pk).facts == {"a": [1, None]}
    assert [m.pk for m in ticket.messages.filter(seq__gte=2)] == [note.pk, also.pk]


def test_one_statement_writes_rows_of_several_tables_and_changes_others(cast, now):
    ticket, rows, statements = make.ticket(cast.web, cast.dana), BulkInsert(), []
    note = rows.add(message(ticket, 2, now))
    reference = MailReference(digest="d" * 64, kind="theirs", ticket=ticket, message=note)
    rows.add(reference, unless_there=True)
    rows.change("UPDATE tickets_ticket SET subject = %s WHERE id = %s", ["New", ticket.pk])
    events = [draft("ticket.renamed", ticket=ticket, by=SYSTEM, at=now) for _ in range(5)]

    def note_down(run, sql, *rest):
        statements.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(note_down):
        rows.write(*events)
    ticket.refresh_from_db()
    assert (len(statements), ticket.subject, note.mail_references.get()) == (1, "New", reference)
    assert list(Event.objects.filter(ticket=ticket, kind="ticket.renamed")) == events
    assert all(Event.objects.get(pk=e.pk).recorded_at for e in events)


def test_a_row_that_is_there_is_left_out_only_where_that_was_asked_for(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    taken = {"ticket": ticket, "customer": cast.dana, "created_at": now}
    rows = BulkInsert()
    rows.add(Participant(**taken), unless_there=True)
    rows.write()
    assert ticket.participants.count() == 1
    rows.add(Participant(**taken))
    with pytest.raises(IntegrityError):
        rows.write()


def test_nothing_to_write_asks_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        BulkInsert().write()


@pytest.mark.parametrize("row", [Tag(name="lamps"), Queue(slug="lamps", name_en="Lamps", name_fr="Lampes")])
def test_a_row_reads_back_as_the_orm_would_have_written_it(db, row):
    BulkInsert().write(row)
    assert type(row).objects.get(pk=row.pk).__dict__.keys() == type(row).objects.all()[0].__dict__.keys()
    assert str(type(row).objects.get(pk=row.pk)) == str(row)
