"""`visible_to` is the only way to tickets and messages, for prepared queries too."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace

import pytest

from tests import make
from tests.static_checks import _reads_past_sight
from tickets import prepared
from tickets.actor import Actor
from tickets.models import Message, Ticket

READS = {
    "bare": lambda actor, ticket, now: prepared.load_bare_tickets(actor, ticket.pk),
    "opened": lambda actor, ticket, now: prepared.load_opened_tickets(actor, ticket.pk, int(actor.id), now),
    "messages": lambda actor, ticket, now: prepared.load_messages(actor, ticket.pk, ticket.customer_id, 99),
    "rows": lambda actor, ticket, now: prepared.load_rows(actor, (ticket.pk,), int(actor.id)),
    "called": lambda actor, ticket, now: prepared.load_people_called(actor, ("dana",), (), ()),
    "list": lambda actor, ticket, now: prepared.load_first_page(actor, "unassigned", "wait"),
}


def at_the_desk(user):
    return replace(Actor.for_user(user), queues=tuple(user.memberships.values_list("queue", flat=True)))


@pytest.mark.parametrize("read", READS)
def test_only_who_sees_the_queue_is_given_rows(cast, now, read):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    found = [len(READS[read](at_the_desk(user), ticket, now)) for user in (cast.alice, cast.mallory)]
    assert found == [1, 0]


def test_every_query_of_tickets_or_messages_asks_for_an_actor():
    """What returns tickets or messages says so in its annotation, and takes an actor."""
    asked = {name: inspect.signature(getattr(prepared, name)) for name in prepared.__all__}
    rows = re.compile(rf"\b({Ticket.__name__}|{Message.__name__})\b")
    reading = {name for name, signature in asked.items() if rows.search(str(signature.return_annotation))}
    assert reading == {"load_bare_tickets", "load_opened_tickets", "load_messages", "load_rows"}
    assert all("actor" in asked[name].parameters for name in reading)


@pytest.mark.parametrize(
    "line",
    [
        "Ticket.objects.filter(pk=number)",
        "Message.objects.get(pk=1)",
        "rows = Message.objects\n    .filter(ticket=ticket)",
        "Ticket.objects.active().visible_to(actor)",
    ],
)
def test_the_check_finds_reads_past_sight(line):
    assert len(list(_reads_past_sight(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Ticket.objects.visible_to(actor).filter(pk=number)",
        "Message.objects\n    .visible_to(desk.actor)",
        "queryset = Ticket.objects.none()",
        "Ticket.objects.all()  # reached: numbers only",
    ],
)
def test_the_check_lets_pass_what_starts_from_sight_or_says_why(line):
    assert list(_reads_past_sight(line)) == []
