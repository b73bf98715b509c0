"""Attacks of several steps: what was typed opens nothing, whatever happens next and in whatever order."""

from __future__ import annotations

import pytest

from tests import make
from tests.helpdesk.rights.attacks import EVIL, NUMBER, ORDERS, OWNER, SECRET
from tests.make import NOON
from tickets.clock import database_now
from tickets.models import Identity, Queue, Ticket

OTHER = "other@elsewhere.example"


@pytest.mark.parametrize("steps", ORDERS.values(), ids=ORDERS.keys())
def test_a_visitor_who_types_two_addresses_shows_an_agent_nothing_of_either(attack, hidden, steps):
    chat = attack.plays(steps)
    chat.session.refresh_from_db()
    assert SECRET not in attack.what_a_ticket_shows("alice", chat.session.ticket_id)


@pytest.mark.parametrize("calls_first", [True, False], ids=["they call first", "they call later"])
def test_a_wish_with_somebodys_number_opens_nothing_of_theirs(attack, calls_first):
    steps = [lambda: attack.wish(NUMBER, EVIL), lambda: attack.call(NUMBER)]
    for step in reversed(steps) if calls_first else steps:
        step()
    writer = Identity.objects.proved().filter(kind="phone", value=NUMBER).order_by("pk").last()
    assert writer is not None
    Identity.objects.create(
        customer=writer.customer, kind="email", value=OWNER, verified_at=database_now(),
        verified_how="channel", created_at=database_now(),
    )  # fmt: skip
    attack.owner_writes()
    assert SECRET not in attack.what_a_link_shows(EVIL)


def test_two_wishes_with_one_number_join_nobody(attack):
    attack.wish(NUMBER, EVIL)
    attack.wish(NUMBER, OWNER)
    attack.owner_writes()
    assert SECRET not in attack.what_a_link_shows(EVIL)


def test_a_call_from_a_number_typed_by_somebody_else_is_not_filed_under_them(attack):
    attack.wish(NUMBER, EVIL)
    attack.call(NUMBER)
    typed = Identity.objects.filter(value=EVIL).values_list("customer_id", flat=True)
    called = Ticket.objects.get(calls__customer_number=NUMBER)
    assert called.customer_id not in typed


@pytest.mark.parametrize("header", ["Cc", "To"])
def test_a_copy_shows_nothing_of_whom_it_names(attack, hidden, header):
    to = f"support@demo.example, {OWNER}" if header == "To" else "support@demo.example"
    ticket = attack.mail(f"Eve <{EVIL}>", "With a copy.", to=to, **({"Cc": OWNER} if header == "Cc" else {}))
    answer = {"kind": "reply", "text": "Thank you.", "seen_seq": 1, "then": "pending"}
    assert attack.at_work("alice").post(f"/admin/desk/{ticket.pk}/send/", answer).status_code == 204
    assert SECRET not in attack.what_a_ticket_shows("alice", ticket.pk)


def test_a_shared_number_names_no_customer_of_a_hidden_queue(attack, hidden):
    for person in (attack.cast.dana, attack.cast.emile):
        make.ticket(attack.cast.web, person)
        Identity.objects.create(
            customer=person, kind="phone", value=NUMBER, created_at=NOON, verified_at=NOON
        )
    attack.call(NUMBER)
    ticket = Ticket.objects.filter(queue=attack.cast.orders).latest("pk")
    assert SECRET not in attack.what_a_ticket_shows("alice", ticket.pk)


@pytest.mark.parametrize("field", ["customer", "who"])
def test_a_ticket_is_not_given_to_a_hidden_customer(attack, hidden, field):
    ticket = attack.mail(OTHER, "My lamp.")
    page = "who/" if field == "customer" else "identities/"
    sent = {"customer": hidden.pk} if field == "customer" else {"value": OWNER}
    attack.at_work("alice").post(f"/admin/desk/{ticket.pk}/{page}", sent)
    ticket.refresh_from_db()
    assert ticket.customer_id != hidden.pk
    assert SECRET not in attack.what_a_ticket_shows("alice", ticket.pk)


def test_whoever_left_a_queue_finds_nothing_of_it_any_more(attack, hidden):
    cast, legal = attack.cast, Queue.objects.get(slug="legal")
    membership = make.membership(cast.alice, legal)
    number = Ticket.objects.get(customer=hidden).pk
    assert SECRET in attack.what_a_ticket_shows("alice", number)
    membership.delete()
    client = attack.at_work("alice")
    asked = (
        f"{number}/",
        f"{number}/card/",
        f"search/?q={SECRET}",
        "people/?who=Owner",
        f"list/customer-{hidden.pk}/",
        f"new/?customer={hidden.pk}",
        f"calls/new/?customer={hidden.pk}",
    )
    found = [client.get(f"/admin/desk/{page}").content.decode().replace(f"q={SECRET}", "") for page in asked]
    assert [
        page
        for page, text in zip(asked, found, strict=True)
        if f"About {SECRET}" in text or f"Owner {SECRET}" in text
    ] == []
