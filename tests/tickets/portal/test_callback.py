"""Being called back: a number, a window within opening hours, a promise."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse

from tests import make
from tickets import wording
from tickets.clock import database_now
from tickets.customers import links
from tickets.hours import opening_hours
from tickets.models import Calendar, Callback, Ticket
from tickets.portal import hours
from tickets.promises import callbacks

FORM = {"number": "06 12 34 56 78", "text": "About my refund", "name": "Dana", "email": "", "token": "c" * 20}
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday, 13:00 in Paris


def ask(client, cast, **changes):
    window = hours.list_windows(cast.orders, now=database_now())[-1]
    form = {**FORM, "window": window.key, **changes}
    return client.post(reverse("portal:callback"), form, follow=True, headers={"accept-language": "fr"})


@pytest.fixture
def office(cast):
    """Let the queue be open on weekdays from 9 to 12 and from 14 to 18, Paris time."""
    calendar = Calendar.objects.create(name="Office", time_zone="Europe/Paris")
    for weekday in range(5):
        calendar.rules.create(weekday=weekday, opens=time(9), closes=time(12))
        calendar.rules.create(weekday=weekday, opens=time(14), closes=time(18))
    cast.orders.calendar = calendar
    cast.orders.save()
    opening_hours.publish_version(calendar, now=NOON)
    return cast


def local(windows):
    zone = wording.find_zone("Europe/Paris")
    return [
        (f"{w.from_at.astimezone(zone):%a %H:%M}", f"{w.until_at.astimezone(zone):%H:%M}") for w in windows
    ]


def test_windows_lie_within_opening_hours(office):
    found = local(hours.list_windows(office.orders, now=NOON))
    assert found[:4] == [
        ("Wed 14:00", "16:00"), ("Wed 16:00", "18:00"), ("Thu 09:00", "11:00"), ("Thu 11:00", "12:00"),
    ]  # fmt: skip


def test_window_that_has_begun_starts_with_some_notice(office):
    soon = NOON + timedelta(hours=1, minutes=50)
    first = hours.list_windows(office.orders, now=soon)[0]
    assert first.from_at >= soon + hours.NOTICE
    assert first.until_at - first.from_at >= hours.MIN_LENGTH


def test_number_and_window_become_a_callback_with_a_promise(cast, client):
    response = ask(client, cast)
    ticket, callback = Ticket.objects.get(), Callback.objects.get()
    promise = ticket.promises.get()
    assert (callback.ticket, callback.number, callback.state) == (ticket, "+33612345678", "waiting")
    assert (promise.kind, promise.due_at) == ("callback", callback.until_at)
    assert {identity.value for identity in ticket.customer.identities.all()} == {"+33612345678"}
    assert response.redirect_chain == [(reverse("portal:thanks"), 302)]
    assert ticket.events.filter(kind="callback.asked").count() == 1


def test_same_form_twice_is_one_callback(cast, client):
    ask(client, cast)
    ask(client, cast)
    assert Callback.objects.count() == Ticket.objects.count() == 1


def test_address_that_is_given_gets_the_link_and_makes_nobody_its_owner(cast, client):
    ask(client, cast, email="dana@petit.example")
    ticket = Ticket.objects.get()
    assert ticket.customer != cast.dana
    assert ticket.outbounds.get().to == "dana@petit.example"
    assert not cast.dana.identities.filter(kind="phone").exists()


@pytest.mark.parametrize(
    ("typed", "language", "number"),
    [
        ("06 12 34 56 78", "fr", "+33612345678"),
        ("020 7946 0018", "en", "+442079460018"),
        ("06 12 34 56 78", "en", "+33612345678"),
        ("+49 30 1234567", "en", "+49301234567"),
    ],
)
def test_number_is_read_as_people_write_it(cast, client, typed, language, number):
    window = hours.list_windows(cast.orders, now=database_now())[0]
    client.post(
        reverse("portal:callback"),
        {**FORM, "number": typed, "window": window.key},
        headers={"accept-language": language},
    )
    assert Callback.objects.get().number == number


@pytest.mark.parametrize("typed", ["", "hello", "12", "+33 899 12 34 56", "3631"])
def test_number_that_cannot_be_called_is_marked_with_the_text_kept(cast, client, typed):
    response = ask(client, cast, number=typed)
    assert response.status_code == 400
    assert 'id="id_number_error"' in response.text
    assert "About my refund" in response.text


def test_window_that_is_not_open_is_refused(cast, client):
    response = ask(client, cast, window="1-2")
    assert response.status_code == 400
    assert not Callback.objects.exists()


def test_without_an_open_time_the_page_leads_to_the_form(office, client):
    office.orders.calendar.intervals.all().delete()
    response = client.get(reverse("portal:callback"))
    assert "We cannot promise a call just now" in response.text
    assert reverse("portal:request") in response.text


def test_reaching_the_customer_keeps_the_promise_once(cast, client):
    ask(client, cast)
    callback, by, now = Callback.objects.get(), cast.acting("alice"), database_now()
    assert callbacks.complete_callback(callback, by=by, now=now)
    assert not callbacks.complete_callback(callback, by=by, now=now)
    assert callback.ticket.promises.get().kept_at == now
    assert callback.ticket.events.filter(kind="callback.done").count() == 1


def test_cancelled_callback_is_no_longer_waited_for(cast, client):
    ask(client, cast)
    callback = Callback.objects.get()
    assert callbacks.cancel_callback(callback, by=cast.acting("alice"), now=database_now())
    assert not callbacks.complete_callback(callback, by=cast.acting("alice"), now=database_now())


def test_a_call_wished_on_a_requests_page_belongs_to_that_request(cast, client):
    ticket = make.ticket(cast.web, cast.dana)
    url = links.make_request_url(ticket.participants.get(), now=database_now())
    client.get(url.removeprefix("http://127.0.0.1:8000"))
    address = reverse("portal:request_callback", args=[ticket.public_id])
    assert address in client.get(reverse("portal:request_page", args=[ticket.public_id])).text
    page = client.get(address)
    assert (page.status_code, "Broken lamp" in page.text, 'name="email"' in page.text) == (200, True, False)
    window = hours.list_windows(cast.orders, now=database_now())[-1]
    client.post(address, {**FORM, "email": "mallory@evil.example", "window": window.key})
    callback = Callback.objects.get()
    assert (callback.ticket, callback.number) == (ticket, "+33612345678")
    assert Ticket.objects.get().participants.get().address == "dana@petit.example"
    assert ticket.messages.order_by("seq").last().author_customer == cast.dana


def test_nobody_else_wishes_a_call_there(cast, client):
    ticket = make.ticket(cast.web, cast.dana)
    window = hours.list_windows(cast.orders, now=database_now())[-1]
    response = client.post(
        reverse("portal:request_callback", args=[ticket.public_id]), {**FORM, "window": window.key}
    )
    assert (response.status_code, Callback.objects.exists()) == (404, False)


def test_a_number_that_could_be_two_is_asked_for_its_country(cast, client):
    response = ask(client, cast, number="493012345")
    assert not Callback.objects.exists()
    assert all(number in response.text for number in ("+33 4 93 01 23 45", "+49 30 12345"))
