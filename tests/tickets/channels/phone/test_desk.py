"""Noting a call in ten seconds, and the log of all calls."""

# mypy: disable-error-code="union-attr"

import pytest
from django.urls import reverse

from tests import make
from tests.tickets.channels.phone.told import incoming, send
from tickets.clock import database_now
from tickets.models import Call, Inbound, Ticket

FORM = {
    "number": "+33612345678", "direction": "in", "result": "answered", "minutes": "4",
    "note": "Wants a new lamp.", "place": "theirs", "token": "call-token-number-1",
}  # fmt: skip


@pytest.fixture
def alice(cast, client):
    client.force_login(cast.alice)
    return client


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana, now=database_now())


def note(browser, **changes):
    return browser.post(reverse("phone:new_call"), {**FORM, **changes})


def test_noted_call_goes_through_the_ledger(cast, alice):
    response = note(alice)
    call, ticket = Call.objects.get(), Ticket.objects.get()
    assert response.url == reverse("desk:ticket", args=[ticket.pk])
    assert (call.result, call.agent, call.talk_seconds) == ("answered", cast.alice, 240)
    assert Inbound.objects.get().state == "opened"
    assert ticket.subject == "Call from +33 6 12 34 56 78"


def test_note_is_for_colleagues_only(alice):
    note(alice)
    ticket = Ticket.objects.get()
    assert ticket.messages.get(kind="note").text == "Wants a new lamp."
    assert ticket.messages.get(kind="in").text == "Call, 4 min"


def test_same_form_twice_is_one_call(alice):
    note(alice)
    note(alice)
    assert Call.objects.count() == Ticket.objects.count() == 1
    assert Ticket.objects.get().messages.count() == 2


def test_call_noted_on_a_ticket_joins_it(cast, alice, ticket):
    note(alice, ticket=ticket.pk, number="")
    call = Call.objects.get()
    assert (call.ticket, call.customer, call.message.thread_layer) == (ticket, cast.dana, "chosen_by_agent")


def test_number_that_was_new_is_kept_on_the_card(cast, alice, ticket):
    note(alice, ticket=ticket.pk)
    number = cast.dana.identities.get(kind="phone")
    assert (number.value, number.is_claim) == ("+33612345678", True)
    card = alice.get(reverse("desk:card", args=[ticket.pk])).content.decode()
    assert "+33 6 12 34 56 78" in card


def test_call_of_a_known_customer_joins_their_only_open_ticket(cast, alice, ticket):
    note(alice, ticket=ticket.pk)
    note(alice)
    assert {call.ticket for call in Call.objects.all()} == {ticket}


def test_new_ticket_is_opened_at_the_agents_wish(cast, alice, ticket):
    note(alice, customer=cast.dana.pk, place="new")
    assert Ticket.objects.filter(customer=cast.dana).count() == 2


def test_our_own_call_is_noted_without_a_message(cast, alice, ticket):
    note(alice, ticket=ticket.pk, direction="out", result="missed", minutes="")
    call = Call.objects.get()
    assert (call.direction, call.result, call.ticket, call.message) == ("out", "missed", ticket, None)


def test_our_own_call_may_open_a_ticket(cast, alice):
    note(alice, direction="out", place="new")
    call = Call.objects.get()
    assert [i.value for i in call.ticket.customer.identities.all()] == ["+33612345678"]
    assert call.ticket.messages.count() == 0


def test_withheld_number_may_stay_empty(alice):
    note(alice, number="", result="missed")
    assert (Call.objects.get().customer_number, Call.objects.get().result) == ("", "missed")


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "hello"), ("minutes", "-1"), ("minutes", "x"), ("direction", "up"), ("result", "")],
)
def test_odd_input_is_marked_with_the_rest_kept(alice, field, value):
    response = note(alice, **{field: value})
    assert response.status_code == 400
    assert "Wants a new lamp." in response.text
    assert not Call.objects.exists()


def test_htmx_gets_the_form_alone_and_is_sent_on(cast, alice):
    htmx = {"HX-Request": "true"}
    assert "<html" not in alice.get(reverse("phone:new_call"), headers=htmx).text
    response = alice.post(reverse("phone:new_call"), FORM, headers=htmx)
    assert response.headers["HX-Redirect"] == reverse("desk:ticket", args=[Ticket.objects.get().pk])


@pytest.mark.parametrize(
    "given", ["ticket=99999999", "ticket=x", "customer=99999999", "customer=-1", "ticket=%C2%B2"]
)
def test_form_about_nobody_is_not_found(alice, given):
    assert alice.get(reverse("phone:new_call") + "?" + given).status_code == 404


def test_ticket_of_another_queue_cannot_be_written_on(cast, client, ticket):
    client.force_login(cast.mallory)
    make.channel("phone", cast.mallory.memberships.get().queue)
    assert note(client, ticket=ticket.pk).status_code == 404
    assert not Call.objects.exists()


def test_without_a_phone_the_page_says_whom_to_ask(cast, client):
    client.force_login(cast.mallory)
    response = client.get(reverse("phone:new_call"))
    assert (response.status_code, "No phone is set up" in response.text) == (409, True)


@pytest.mark.parametrize("name", ["phone:calls", "phone:new_call"])
def test_strangers_are_sent_to_sign_in(cast, client, name):
    assert "/accounts/login/" in client.get(reverse(name)).url


def test_log_shows_calls_and_leads_to_their_tickets(cast, alice):
    send(cast.phone, incoming("call.missed"))
    text = alice.get(reverse("phone:calls")).text
    assert "Missed call" in text
    assert "+33 6 12 34 56 78" in text
    assert reverse("desk:ticket", args=[Ticket.objects.get().pk]) in text


def test_log_of_another_queue_is_empty(cast, client):
    send(cast.phone, incoming("call.missed"))
    client.force_login(cast.mallory)
    assert "+33 6 12 34 56 78" not in client.get(reverse("phone:calls")).text


def test_log_can_be_narrowed_to_one_result(cast, alice):
    send(cast.phone, incoming("call.missed"))
    send(
        cast.phone,
        incoming("call", call_id="c2", number="+33698765432", result="answered", agent="bob@demo.example"),
    )
    text = alice.get(reverse("phone:calls") + "?result=answered").text
    assert "+33 6 98 76 54 32" in text
    assert "+33 6 12 34 56 78" not in text


def test_log_takes_the_same_queries_for_many_calls(cast, alice, django_assert_max_num_queries):
    for number in range(12):
        send(cast.phone, incoming("call.missed", call_id=f"c{number}", number=f"+336123456{number:02}"))
    with django_assert_max_num_queries(16):
        alice.get(reverse("phone:calls"))
