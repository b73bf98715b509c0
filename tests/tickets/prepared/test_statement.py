"""Prepared queries return the same rows as the ORM, for other values and from any thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Model, Q
from django.db.models.functions import Lower

from tests import make
from tickets.actor import Actor
from tickets.models import Customer, Message, Ticket
from tickets.prepared.statement import prepared


@prepared
def seen_by(queues: tuple[int, ...], user: int, number: int):
    return Ticket.objects.filter(Q(queue__in=queues) | Q(assignee=user), pk=number).select_related("customer")


@prepared
def said_since(ticket: int, since):
    rows = Message.objects.filter(ticket=ticket, created_at__gte=since).prefetch_related("attachments")
    return rows.order_by("seq")


@prepared
def named(name: str):
    return Customer.objects.filter(name__iexact=name).values_list("pk", Lower("name"))


def test_other_values_give_other_rows(cast, now):
    first = make.ticket(cast.web, cast.dana, now=now)
    second = make.ticket(cast.web, cast.emile, now=now)
    queues = (first.queue_id,)
    for ticket in (first, second, first):
        (found,) = seen_by(queues, cast.alice.pk, ticket.pk)
        assert (found.pk, found.customer.name) == (ticket.pk, ticket.customer.name)
    assert seen_by((0,), cast.alice.pk, first.pk) == []
    assert [row.pk for row in seen_by((0, first.queue_id), cast.alice.pk, first.pk)] == [first.pk]


def test_related_rows_are_read_with_them(cast, now, django_assert_num_queries):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    seen_by((ticket.queue_id,), cast.alice.pk, ticket.pk)
    with django_assert_num_queries(1):
        (found,) = seen_by((ticket.queue_id,), cast.alice.pk, ticket.pk)
        assert found.customer == ticket.customer


def test_moments_and_prefetched_rows(cast, now, django_assert_num_queries):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    later = make.customer_message(ticket, now=now + timedelta(hours=1))
    assert [row.seq for row in said_since(ticket.pk, now)] == [1, 2]
    with django_assert_num_queries(2):
        (found,) = said_since(ticket.pk, now + timedelta(minutes=1))
        assert (found, list(found.attachments.all())) == (later, [])


def test_texts_and_lists_of_values(cast):
    assert named("DANA PETIT") == [(cast.dana.pk, "dana petit")]
    assert named("nobody") == []


@prepared
def told_by(addresses: tuple[str, ...]):
    return Message.objects.filter(from_address__in=addresses).order_by("pk")


def test_a_list_of_texts_may_have_any_length(cast, now):
    first, second = (make.ticket(cast.web, person, now=now) for person in (cast.dana, cast.emile))
    both = [ticket.messages.get() for ticket in (first, second)]
    addresses = tuple(message.from_address for message in both)
    assert told_by(addresses) == both
    assert [told_by((address,)) for address in addresses] == [[message] for message in both]


def test_rows_of_one_call_are_not_those_of_the_next(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    (before,) = seen_by((ticket.queue_id,), cast.alice.pk, ticket.pk)
    Ticket.objects.filter(pk=ticket.pk).update(subject="Another")
    (after,) = seen_by((ticket.queue_id,), cast.alice.pk, ticket.pk)
    assert (before.subject, after.subject) == ("Broken lamp", "Another")


@pytest.mark.django_db
def test_what_can_have_no_row_asks_nothing(django_assert_num_queries):
    @prepared
    def of_queues(queues: tuple[int, ...]):
        return Ticket.objects.filter(queue__in=queues)

    with django_assert_num_queries(0):
        assert of_queues(()) == []


@pytest.mark.django_db
def test_a_value_that_is_not_in_the_statement_is_refused():
    @prepared
    def forgetful(ticket: int, _user: int):
        return Ticket.objects.filter(pk=ticket)

    with pytest.raises(ValueError, match="leaves out arguments"):
        forgetful(1, 2)


@pytest.mark.django_db
def test_a_value_of_another_type_is_refused():
    @prepared
    def any_state(wanted: bool):
        return Ticket.objects.filter(is_spam=wanted)

    with pytest.raises(TypeError, match="cannot be"):
        any_state(True)


def shape_of(thing: object) -> object:
    """Return the loaded fields of a row and of its related rows."""
    if not isinstance(thing, Model):
        return thing
    held = {name: value for name, value in vars(thing).items() if name != "_state"}
    state = thing._state
    related = {name: shape_of(other) for name, other in state.fields_cache.items()}
    return type(thing), held, related, state.adding, state.db, state.fetch_mode


READ = {
    "plain": lambda ticket: Ticket.objects.filter(pk=ticket),
    "with nobody": lambda ticket: Ticket.objects.filter(pk=ticket).select_related(
        "assignee", "queue__calendar"
    ),
    "annotated": lambda ticket: Message.objects.filter(ticket=ticket).annotate(
        is_long=Q(text__gt="M"), low=Lower("text")
    ),
    "without some": lambda ticket: (
        Message.objects.filter(ticket=ticket)
        .select_related("ticket__customer")
        .defer("html", "ticket__search", "ticket__customer__language")
    ),
    "only some": lambda ticket: (
        Ticket.objects.filter(pk=ticket).select_related("channel").only("subject", "channel__slug")
    ),
    "values": lambda ticket: Ticket.objects.filter(pk=ticket).values_list(
        "subject", "custom", "channel__options"
    ),
    "one value": lambda ticket: Ticket.objects.filter(pk=ticket).values_list("subject", flat=True),
    "secrets": lambda ticket: Ticket.objects.filter(pk=ticket).select_related("channel"),
}


@pytest.mark.parametrize("way", READ)
def test_rows_hold_what_the_orm_gives_them(cast, now, way):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    assert [shape_of(row) for row in prepared(READ[way])(ticket.pk)] == [
        shape_of(row) for row in READ[way](ticket.pk)
    ]


@prepared
def in_sight(actor: Actor, number: int):
    return Ticket.objects.visible_to(actor).filter(pk=number)


def acting(user, *queues):
    return replace(Actor.for_user(user), queues=queues)


def test_one_actors_statement_shows_another_only_what_is_theirs(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    legal = cast.mallory.memberships.get().queue_id
    assert in_sight(acting(cast.alice, ticket.queue_id), ticket.pk) == [ticket]
    assert in_sight(acting(cast.mallory, legal), ticket.pk) == []
    assert in_sight(acting(cast.mallory), ticket.pk) == []


def test_an_administrator_shares_no_statement_with_an_agent(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    chief = get_user_model()(pk=cast.bob.pk, is_superuser=True)
    assert in_sight(acting(chief), ticket.pk) == [ticket]
    assert in_sight(acting(cast.mallory), ticket.pk) == []


def test_an_actor_whose_queues_are_not_read_is_refused(cast):
    for actor in (Actor.for_user(cast.alice), Actor.for_customer(cast.dana)):
        with pytest.raises(TypeError, match="queues have been read"):
            in_sight(actor, 1)
