"""A query composed once gives what the ORM would give, each time with other values."""

import pytest
from django.db.models import BigIntegerField, Count, F

from tests import make
from tickets.models import Identity, Message, Ticket
from tickets.ready_query import IsAnyOf, ReadyQuery, Slot

TICKET = ReadyQuery(
    lambda: (
        Ticket.objects.select_related("customer", "queue__calendar", "merged_into")
        .defer("custom")
        .filter(pk=Slot("id", BigIntegerField()))
        .annotate(said=Count("messages"))
    )
)


def test_it_gives_the_rows_with_what_they_point_to(cast, django_assert_num_queries):
    first, second = make.ticket(cast.web, cast.dana), make.ticket(cast.web, cast.emile)
    make.customer_message(second)
    for ticket, said in ((first, 1), (second, 2)):
        with django_assert_num_queries(1):
            found = TICKET.first(id=ticket.pk)
            assert (found, found.customer_id, found.customer, found.said) == (
                ticket,
                ticket.customer_id,
                found.customer,
                said,
            )
            assert found.queue.slug
            assert found.merged_into is None
        assert found.created_at == ticket.created_at
    assert found.custom == {}


def test_nothing_found_is_none(cast):
    assert TICKET.first(id=0) is None


def test_a_list_of_values_fills_one_slot(cast):
    tickets = [make.ticket(cast.web, cast.dana) for _ in range(3)]
    query = ReadyQuery(lambda: Message.objects.filter(IsAnyOf(F("ticket_id"), Slot("tickets"))))
    assert {m.ticket_id for m in query.all(tickets=[t.pk for t in tickets[:2]])} == {
        t.pk for t in tickets[:2]
    }


def test_a_slot_that_nobody_fills_is_an_error(cast):
    query = ReadyQuery(lambda: Identity.objects.filter(pk=Slot("id", BigIntegerField())))
    with pytest.raises(KeyError):
        query.all(pk=1)
