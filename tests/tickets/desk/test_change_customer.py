"""Changing a ticket's customer from its card: whom one may see, by name or address; and back."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import make
from tests.tickets.channels.phone.told import incoming, send
from tickets.clock import database_now
from tickets.customers import claims
from tickets.customers.recipients import find_recipients
from tickets.models import Customer, Event, Identity, QueueMembership, Ticket


@pytest.fixture
def ticket(cast):
    make.ticket(cast.mailbox, cast.emile, "Émile's own matter")
    return make.ticket(cast.web, cast.dana)


def change(client, ticket, **fields):
    return client.post(reverse("desk:change_customer", args=[ticket.pk]), fields)


def answered_at(ticket):
    ticket.refresh_from_db()
    return find_recipients(ticket).address


def test_somebody_is_chosen_and_answered(cast, signed_in, ticket):
    assert change(signed_in("alice"), ticket, customer=cast.emile.pk).status_code == 204
    assert (answered_at(ticket), ticket.customer) == ("emile@moreau.example", cast.emile)


def test_reason_is_a_note_for_colleagues(cast, signed_in, ticket):
    change(signed_in("alice"), ticket, customer=cast.emile.pk, reason="He told me on the phone.")
    assert ticket.messages.get(kind="note").text == "He told me on the phone."
    assert "phone" not in str(Event.objects.get(kind="ticket.customer").data)


def test_somebody_is_named_by_their_address(cast, signed_in, ticket):
    change(signed_in("alice"), ticket, who=" Emile@Moreau.example ")
    assert (answered_at(ticket), ticket.customer) == ("emile@moreau.example", cast.emile)


def test_an_address_that_nobody_has_is_a_new_customers_claim(cast, signed_in, ticket):
    change(signed_in("alice"), ticket, who="new@person.example")
    assert answered_at(ticket) == "new@person.example"
    assert Identity.objects.get(value="new@person.example").is_claim


def test_an_address_of_hidden_queues_opens_nothing(cast, signed_in, ticket):
    hidden = make.customer("Hidden", "hidden@person.example")
    other = make.ticket(cast.web, hidden)
    Ticket.objects.filter(pk=other.pk).update(queue=cast.mallory.memberships.get().queue)
    client = signed_in("alice")
    assert change(client, ticket, customer=hidden.pk).status_code == 404
    change(client, ticket, who="hidden@person.example")
    ticket.refresh_from_db()
    assert ticket.customer not in (hidden, cast.dana)


def test_another_address_of_the_same_customer_is_chosen(cast, signed_in, ticket):
    by = cast.acting("alice")
    work = claims.add_claim(ticket, "email", "dana@work.example", by=by, now=database_now())
    client = signed_in("alice")
    assert "dana@work.example" in client.get(reverse("desk:change_customer", args=[ticket.pk])).text
    change(client, ticket, identity=work.pk)
    assert (answered_at(ticket), ticket.customer) == ("dana@work.example", cast.dana)


@pytest.mark.parametrize("fields", [{"customer": "x"}, {"customer": "99999999"}, {"identity": "1e9"}])
def test_nobody_is_not_found(signed_in, ticket, fields):
    assert change(signed_in("alice"), ticket, **fields).status_code == 404


def test_an_identity_of_somebody_else_is_not_found(cast, signed_in, ticket):
    assert change(signed_in("alice"), ticket, identity=cast.emile.identities.get().pk).status_code == 404


@pytest.mark.parametrize("who", ["", "next door", "12"])
def test_what_names_nobody_is_marked_with_the_rest_kept(signed_in, ticket, who):
    response = change(signed_in("alice"), ticket, who=who, reason="Because")
    assert response.status_code == 400
    assert "Choose somebody from the list" in response.text
    assert 'value="Because"' in response.text


def test_who_helps_out_sees_no_addresses_there(cast, signed_in, ticket):
    by = cast.acting("alice")
    claims.add_claim(ticket, "email", "dana@work.example", by=by, now=database_now())
    QueueMembership.objects.filter(user=cast.alice).update(hides_personal_data=True)
    page = signed_in("alice").get(reverse("desk:change_customer", args=[ticket.pk])).text
    assert "dana@" not in page


def test_the_card_says_who_it_was_and_takes_it_back(cast, signed_in, ticket):
    client = signed_in("alice")
    change(client, ticket, customer=cast.emile.pk)
    card = client.get(reverse("desk:card", args=[ticket.pk])).text
    assert "Customer changed, was Dana Petit." in card
    assert client.post(reverse("desk:undo_customer", args=[ticket.pk])).status_code == 204
    assert (answered_at(ticket), ticket.customer) == ("dana@petit.example", cast.dana)
    assert "Customer changed, was" not in client.get(reverse("desk:card", args=[ticket.pk])).text


def test_undo_does_not_name_whom_the_reader_may_not_see(cast, signed_in, ticket):
    client = signed_in("alice")
    change(client, ticket, customer=cast.emile.pk)
    other = make.ticket(cast.web, cast.dana)
    Ticket.objects.filter(pk=other.pk).update(queue=cast.mallory.memberships.get().queue)
    card = client.get(reverse("desk:card", args=[ticket.pk])).text
    assert "Customer changed." in card
    assert "was Dana" not in card


def test_change_customer_in_a_browser(at_desk, people, worker):
    make.ticket(people.mailbox, people.emile, "Émile's own matter", now=database_now())
    ticket = make.ticket(people.web, people.dana, "My lamp arrived broken.", now=database_now())
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    card = alice.locator("#card")
    card.get_by_role("button", name="Change customer").click()
    card.get_by_label("Another customer").fill("Émi")
    card.get_by_text("Émile Moreau").click()
    card.get_by_label("Reason").fill("He told me.")
    card.get_by_role("button", name="Change customer").click()
    expect(card.locator("h2")).to_have_text("Émile Moreau")
    expect(alice.locator("#thread")).to_contain_text("Customer changed by you")
    alice.keyboard.press("r")
    expect(alice.locator("#sheet-reply")).to_contain_text("emile@moreau.example")
    card.get_by_role("button", name="Undo").click()
    expect(card.locator("h2")).to_have_text("Dana Petit")


def test_a_number_is_chosen_in_a_browser(at_desk, people, worker):
    people.phone.options = {"region": "FR"}
    people.phone.save()
    now = database_now()
    Identity.objects.create(
        customer=people.dana, kind="phone", value="+33493012345", created_at=now, verified_at=now
    )
    send(people.phone, incoming("call.missed", number="493012345"))
    ticket = Ticket.objects.latest("pk")
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    card = alice.locator("#card")
    expect(card).to_contain_text("Which number is it?")
    card.get_by_role("button", name="+33 4 93 01 23 45").click()
    expect(card.locator("h2")).to_have_text("Dana Petit")
    assert Customer.objects.get(tickets=ticket) == people.dana
