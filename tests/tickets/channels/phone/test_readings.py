"""Digits that could be two numbers identify nobody, until an agent says which."""

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tickets.channels.phone.told import incoming, send
from tickets.clock import database_now
from tickets.customers.phone_numbers import list_readings, parse_caller
from tickets.models import Call, Event, Identity, Ticket

TWO, FRENCH, GERMAN = "493012345", "+33493012345", "+493012345"
COUNTRIES = ("FR", "GB", "DE", "US", "ES", "IT", "CH")


@pytest.fixture
def phone(cast):
    cast.phone.options = {"region": "FR"}
    cast.phone.save()
    return cast.phone


def has(customer, number):
    now = database_now()
    Identity.objects.create(customer=customer, kind="phone", value=number, created_at=now, verified_at=now)


def miss(phone, number=TWO, call_id="c1"):
    send(phone, incoming("call.missed", number=number, call_id=call_id))
    return Call.objects.get(external_id=call_id).ticket


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(r"[1-9][0-9]{5,14}", fullmatch=True), st.sampled_from(COUNTRIES))
def test_readings_are_numbers_of_these_digits(digits, region):
    readings = list_readings(digits, region=region)
    assert len(set(readings)) == len(readings) <= 3
    assert all(number.startswith("+") and number.endswith(digits[-6:]) for number in readings)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(r"\+?[0-9 ().-]{0,20}", fullmatch=True), st.sampled_from(COUNTRIES))
def test_a_caller_is_read_only_where_there_is_one_reading(text, region):
    readings = list_readings(text, region=region)
    assert parse_caller(text, region=region) == (readings[0] if len(readings) == 1 else "")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(COUNTRIES))
def test_a_number_with_its_plus_is_never_another(number, region):
    read = list_readings(number, region=region)
    assert len(read) <= 1
    digits = iter(number)  # a trunk prefix (0, in Russia 8) is left out, and nothing else changes
    assert all(digit in digits for digit in "".join(read))


def test_whole_number_without_its_plus_is_the_customers_who_has_it(cast, phone):
    has(cast.dana, GERMAN)
    assert miss(phone).customer == cast.dana


def test_number_that_no_plan_knows_is_the_customers_who_has_it(cast, phone):
    has(cast.dana, "+999123456789")
    assert miss(phone, "999123456789").customer == cast.dana


@pytest.mark.parametrize("others", [(FRENCH,), (FRENCH, GERMAN), ()])
def test_digits_that_could_be_two_identify_nobody(cast, phone, others):
    for customer, number in zip((cast.dana, cast.emile), others, strict=False):
        has(customer, number)
    assert miss(phone).customer not in (cast.dana, cast.emile)


def test_number_as_people_dial_it_there_is_not_taken_for_a_foreign_customers(cast, phone):
    phone.options = {"region": "US"}
    phone.save()
    has(cast.dana, "+4792345678")
    assert miss(phone, "4792345678").customer != cast.dana


def test_claim_of_a_number_identifies_nobody(cast, phone):
    Identity.objects.create(customer=cast.dana, kind="phone", value=GERMAN, created_at=database_now())
    assert miss(phone).customer != cast.dana


@pytest.fixture
def alice(cast, client):
    client.force_login(cast.alice)
    return client


def choose(browser, ticket, number):
    return browser.post(reverse("phone:choose_number", args=[ticket.pk]), {"number": number})


def test_agent_sees_both_and_chooses_by_one_click(cast, phone, alice):
    has(cast.dana, FRENCH)
    ticket = miss(phone)
    card = alice.get(reverse("desk:card", args=[ticket.pk])).text
    assert "+33 4 93 01 23 45" in card
    assert "+49 30 12345" in card
    assert choose(alice, ticket, FRENCH).status_code == 204
    ticket.refresh_from_db()
    call = Call.objects.get()
    assert (ticket.customer, call.customer, call.customer_number) == (cast.dana, cast.dana, FRENCH)
    assert ticket.subject == "Missed call from +33 4 93 01 23 45"
    assert Event.objects.filter(kind="call.number_chosen", ticket=ticket).count() == 1
    assert "Which number is it?" not in alice.get(reverse("desk:card", args=[ticket.pk])).text


def test_number_of_nobody_is_a_claim_on_the_ticket(cast, phone, alice):
    ticket = miss(phone)
    choose(alice, ticket, GERMAN)
    known = Ticket.objects.get().customer.identities.get()
    assert (known.value, known.is_claim) == (GERMAN, True)


def test_further_calls_are_read_as_the_agent_has_read_the_first(cast, phone, alice):
    has(cast.dana, FRENCH)
    ticket = miss(phone)
    choose(alice, ticket, FRENCH)
    assert miss(phone, call_id="c2") == ticket
    assert set(Call.objects.values_list("customer_number", "customer")) == {(FRENCH, cast.dana.pk)}
    assert Ticket.objects.get().subject == "2 missed calls from +33 4 93 01 23 45"


@pytest.mark.parametrize("number", ["+33612345678", "", TWO, "+49301234"])
def test_other_numbers_cannot_be_chosen(phone, alice, number):
    ticket = miss(phone)
    assert choose(alice, ticket, number).status_code == 404


def test_second_choice_changes_nothing(cast, phone, alice):
    ticket = miss(phone)
    choose(alice, ticket, GERMAN)
    assert choose(alice, ticket, GERMAN).status_code == 204
    assert choose(alice, ticket, FRENCH).status_code == 404
    assert Event.objects.filter(kind="call.number_chosen").count() == 1


def test_who_may_not_see_the_ticket_chooses_nothing(cast, phone, client):
    ticket = miss(phone)
    client.force_login(cast.mallory)
    assert choose(client, ticket, GERMAN).status_code == 404


def test_customer_of_hidden_queues_is_not_found_by_a_choice(cast, phone, alice):
    hidden = make_hidden(cast)
    ticket = miss(phone)
    choose(alice, ticket, FRENCH)
    assert Ticket.objects.get(pk=ticket.pk).customer != hidden


def make_hidden(cast, number=FRENCH):
    from tests import make

    hidden = make.customer("Hidden", "hidden@person.example")
    other = make.ticket(cast.web, hidden)
    Ticket.objects.filter(pk=other.pk).update(queue=cast.mallory.memberships.get().queue)
    has(hidden, number)
    return hidden


def test_form_asks_which_number_was_typed(phone, alice):
    form = {
        "number": TWO,
        "direction": "in",
        "result": "missed",
        "place": "theirs",
        "token": "call-token-number-1",
    }
    response = alice.post(reverse("phone:new_call"), form)
    assert response.status_code == 400
    assert all(text in response.text for text in ("+33 4 93 01 23 45", "+49 30 12345"))
    alice.post(reverse("phone:new_call"), {**form, "reading": GERMAN})
    assert Call.objects.get().customer_number == GERMAN


@pytest.mark.parametrize("number", [GERMAN, "+999123456789"])
def test_form_answers_for_a_number_of_hidden_queues_as_for_nobodys(cast, phone, alice, number):
    form = {"number": number[1:], "direction": "in", "result": "missed", "token": "call-token-number-1"}
    nobodys = alice.post(reverse("phone:new_call"), {**form, "place": "theirs"})
    make_hidden(cast, number)
    hidden = alice.post(reverse("phone:new_call"), {**form, "place": "theirs"})
    assert (hidden.status_code, Call.objects.count()) == (nobodys.status_code, 0) == (400, 0)


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "00",
        "sip:+33612345678x@pbx",
        "sip:dana@pbx.example",
        "sip:201@pbx",
        "tel:0",
        "<sip:anonymous@x>",
    ],
)
def test_what_is_no_number_identifies_nobody(cast, phone, number):
    has(cast.dana, "+33612345678")
    assert miss(phone, number).customer != cast.dana


@pytest.mark.parametrize(
    ("told", "known"),
    [("2025550123", "+332025550123"), ("4155550123", "+4155550123"), ("12025550123", "+3312025550123")],
)
def test_north_american_number_is_nobody_elses(cast, phone, told, known):
    has(cast.dana, known)
    assert Ticket.objects.count() == 0
    assert miss(phone, told).customer != cast.dana


def test_it_is_not_asked_once_somebody_has_said_who_it_is(cast, phone, alice):
    ticket = miss(phone)
    alice.post(reverse("desk:change_customer", args=[ticket.pk]), {"who": "emile@moreau.example"})
    assert "Which number is it?" not in alice.get(reverse("desk:card", args=[ticket.pk])).text
