"""A form that is sent again by Back and Send is the same; really different words are another request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests import make
from tests.cast import assemble
from tests.tickets.portal.test_request_page import link_of, page
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import Callback, Message, Ticket
from tickets.portal import hours, repeated

FORM = {
    "email": "dana@petit.example",
    "name": "Dana",
    "subject": "Broken lamp",
    "text": "My lamp arrived broken.\nPlease help.",
}


def fill_in(client, address, **fields):
    """Fetch the form, as a browser that goes back does, and send it; return the page after it."""
    token = re.search(r'name="token" value="([^"]+)"', client.get(address).text)
    return client.post(address, {"token": token[1] if token else "", **fields}, follow=True)


def ask(client, **changes):
    return fill_in(client, reverse("portal:request"), **{**FORM, **changes})


def test_the_same_request_again_shows_the_first_ones_thanks(cast, client):
    first, again = ask(client), ask(client)
    assert Ticket.objects.count() == Message.objects.count() == 1
    assert again.redirect_chain == [(reverse("portal:thanks"), 302)]
    assert "We have sent a link to dana@petit.example" in first.text
    assert "We have sent a link to dana@petit.example" in again.text


def test_spaces_and_line_ends_make_no_other_request(cast, client):
    ask(client)
    ask(client, text="My lamp  arrived broken.\r\nPlease help. ")
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"text": "My order 4712 has not come."}, {"subject": "Another lamp"}, {"email": "dana@work.example"}],
)
def test_other_words_are_another_request(cast, client, change):
    ask(client)
    ask(client, **change)
    assert Ticket.objects.count() == 2


def test_another_visit_is_another_request(cast, client):
    ask(client)
    ask(Client())
    assert Ticket.objects.count() == 2


def test_after_a_while_it_is_another_request(cast, client, monkeypatch):
    ask(client)
    monkeypatch.setattr(repeated, "SECONDS", -1)
    ask(client)
    assert Ticket.objects.count() == 2


def test_a_cookie_that_somebody_made_up_says_nothing(cast, client):
    client.cookies[repeated.COOKIE] = "made:up"
    ask(client)
    assert Ticket.objects.count() == 1


def test_files_that_a_browser_does_not_send_again_are_not_missed(cast, client):
    ask(client, attachments=[SimpleUploadedFile("lamp.jpg", b"photo", "image/jpeg")])
    ask(client)
    assert Ticket.objects.count() == 1
    ask(client, attachments=[SimpleUploadedFile("other.jpg", b"another", "image/jpeg")])
    assert Ticket.objects.count() == 2


def test_another_matter_in_the_same_form_is_another_ticket(cast, client):
    token = "0123456789abcdef-one"
    client.post(reverse("portal:request"), {**FORM, "token": token})
    client.post(
        reverse("portal:request"), {**FORM, "token": token, "text": "When do you open on Sunday, if you do?"}
    )
    assert Ticket.objects.count() == 2


def wish(client, cast, address="", **changes):
    window = hours.list_windows(cast.orders, now=database_now())[-1]
    fields = {"number": "+33612345678", "text": "About my refund", "window": window.key, **changes}
    return fill_in(client, address or reverse("portal:callback"), **fields)


def test_the_same_wish_for_a_call_is_one(cast, client):
    wish(client, cast)
    wish(client, cast)
    assert Ticket.objects.count() == Callback.objects.count() == 1
    wish(client, cast, text="About something else")
    assert Ticket.objects.count() == 2


def test_another_time_is_another_wish(cast, client):
    wish(client, cast)
    wish(client, cast, window=hours.list_windows(cast.orders, now=database_now())[-2].key)
    assert Callback.objects.count() == 2


@pytest.fixture
def visited(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    browser = Client()
    browser.get(link_of(ticket, now))
    return browser, ticket


def test_the_same_word_on_a_requests_page_is_one(visited):
    browser, ticket = visited
    first, again = (fill_in(browser, page(ticket), text="Any news?") for _ in range(2))
    assert ticket.messages.count() == 2
    assert first.redirect_chain == again.redirect_chain
    fill_in(browser, page(ticket), text="Any news of the other one?")
    assert ticket.messages.count() == 3


def test_the_same_word_after_an_answer_is_a_new_one(cast, visited):
    browser, ticket = visited
    fill_in(browser, page(ticket), text="Yes")
    ticket.refresh_from_db()
    replies.reply(ticket, Words("And the cable?"), by=cast.acting("alice"), now=database_now())
    fill_in(browser, page(ticket), text="Yes")
    assert ticket.messages.filter(text="Yes").count() == 2


def test_the_same_word_much_later_is_a_new_one(visited):
    browser, ticket = visited
    fill_in(browser, page(ticket), text="Any news?")
    Message.objects.filter(text="Any news?").update(created_at=database_now() - timedelta(hours=1))
    fill_in(browser, page(ticket), text="Any news?")
    assert ticket.messages.count() == 3


def test_not_solved_twice_reopens_twice(cast, visited, now):
    browser, ticket = visited
    for _ in range(2):
        ticket.refresh_from_db()
        ticket.solve(by=cast.acting("alice"), now=database_now())
        browser.post(reverse("portal:not_solved", args=[ticket.public_id]), {"text": "", "token": ""})
        ticket.refresh_from_db()
        assert ticket.state == "open"


def test_the_same_wish_from_a_requests_page_is_one(cast, visited):
    browser, ticket = visited
    address = reverse("portal:request_callback", args=[ticket.public_id])
    wish(browser, cast, address)
    wish(browser, cast, address)
    assert (ticket.callbacks.count(), ticket.messages.count()) == (1, 2)


def test_back_and_send_in_a_browser(asgi_server, page):
    assemble()
    page.goto(asgi_server + reverse("portal:request"))
    fill_in_by_hand(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We have sent a link to dana@petit.example")).to_be_visible()
    page.go_back()
    fill_in_by_hand(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We have sent a link to dana@petit.example")).to_be_visible()
    assert Ticket.objects.count() == Message.objects.count() == 1
    page.go_back()
    fill_in_by_hand(page)
    page.get_by_label("What happened?").fill("When do you open on Sunday?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We have sent a link to dana@petit.example")).to_be_visible()
    assert Ticket.objects.count() == 2


def fill_in_by_hand(browser_page):
    """Fill in what the browser has not kept."""
    for label, text in (
        ("Your email address", FORM["email"]),
        ("Subject", FORM["subject"]),
        ("What happened?", FORM["text"]),
    ):
        field = browser_page.get_by_label(label)
        if not field.input_value():
            field.fill(text)
