"""A request's page that stays open: it says that a word is sent, and shows what comes by itself."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests import make
from tests.cast import assemble
from tests.tickets.channels.chat.visitors import answer
from tickets.clock import database_now
from tickets.customers import links


def path_of(ticket):
    url = links.make_request_url(ticket.participants.get(), now=database_now())
    return url.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def visitor(cast):
    ticket = make.ticket(cast.web, cast.dana)
    browser = Client()
    browser.get(path_of(ticket))
    return browser, ticket


def mark(browser, ticket):
    return browser.get(reverse("portal:mark", args=[ticket.public_id])).text


def test_the_mark_changes_with_what_the_page_shows(visitor, cast):
    browser, ticket = visitor
    before = mark(browser, ticket)
    assert mark(browser, ticket) == before
    answer(ticket, cast.alice, "Which lamp?")
    assert mark(browser, ticket) != before


def test_nobody_else_learns_the_mark(visitor, client):
    assert client.get(reverse("portal:mark", args=[visitor[1].public_id])).status_code == 404


def test_an_open_page_says_sent_and_shows_the_answer_by_itself(asgi_server, page):
    cast = assemble()
    ticket = make.ticket(cast.web, cast.dana)
    page.goto(asgi_server + path_of(ticket))
    page.get_by_label("Your message").fill("Any news?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. We have your message.")).to_be_visible()
    page.get_by_label("Your message").fill("I had just beg")
    answer(ticket, cast.alice, "Which lamp is it?")
    expect(page.get_by_text("Which lamp is it?")).to_be_visible(timeout=12000)
    expect(page.get_by_text("We have answered and are waiting for your reply.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("I had just beg")
    page.reload()
    expect(page.get_by_text("Sent. We have your message.")).to_have_count(0)
