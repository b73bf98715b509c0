"""The window where sockets are blocked: refused, swallowed, or forbidden by the page's own policy."""

import re

import pytest
from playwright.sync_api import expect

from tests.tickets.channels.chat.pages import lines, shop, write
from tests.tickets.channels.chat.visitors import answer
from tickets.models import ChatSession, Message, Ticket

SENT = re.compile(r"\d")
SECONDS = 8000  # until something is stored, at most


@pytest.fixture
def site(helpdesk, cast):
    with shop(helpdesk.url, cast.chat.key) as opened:
        yield opened


def refuse(page, site):
    page.route_web_socket(re.compile("/ws/chat/"), lambda socket: socket.close(code=1001))


def swallow(page, site):
    page.route_web_socket(re.compile("/ws/chat/"), lambda socket: None)


def forbid(page, site):
    site.policy = re.sub(r" ws://\S+", "", site.policy)


@pytest.fixture(params=[refuse, swallow, forbid])
def blocked(request, page, site):
    request.param(page, site)


def test_a_conversation_goes_on_within_seconds(blocked, site, cast, page):
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    write(page, "Is my lamp on its way?")
    expect(page.locator(".you time")).to_have_text(SENT, timeout=SECONDS)
    answer(Ticket.objects.get(), cast.alice, "It is.")
    expect(page.locator(".us .text")).to_have_text("It is.", timeout=SECONDS)
    write(page, "Thank you")
    expect(page.locator(".you time").last).to_have_text(SENT, timeout=SECONDS)
    page.reload()
    expect(page.get_by_role("log", include_hidden=True).locator(".text")).to_have_count(3, timeout=SECONDS)
    assert [m.text for m in Message.objects.order_by("seq")] == lines(page)
    assert ChatSession.objects.count() == 1


def test_an_address_is_kept_and_the_chat_ended(blocked, site, cast, page):
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    write(page, "Call me by mail")
    expect(page.locator(".you time")).to_have_text(SENT, timeout=SECONDS)
    page.get_by_label("Your email address").fill("dana@petit.example")
    page.get_by_role("button", name="Save my address").click()
    expect(page.get_by_text("Thank you. If you leave")).to_be_visible(timeout=SECONDS)
    page.get_by_role("button", name="End the chat").click()
    expect(page.get_by_text("You have ended this chat.")).to_be_visible(timeout=SECONDS)
    session = ChatSession.objects.get()
    assert (session.email, session.token_digest.startswith("over:")) == ("dana@petit.example", True)
