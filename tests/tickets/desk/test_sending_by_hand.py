"""Each way to send, by the click and by the key a person uses, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import make
from tests.cast import Cast
from tests.routing.scene import chat as open_chat
from tickets.clock import database_now
from tickets.models import Message, Outbound, Ticket

expect.set_options(timeout=20_000)
WORDS = "I am looking into it."


@pytest.fixture
def ticket(people: Cast) -> Ticket:
    return make.ticket(people.web, people.dana, now=database_now())


@pytest.fixture
def written(at_desk, ticket) -> Page:
    """Return Alice's page with a reply typed into it."""
    page: Page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    page.locator("#sheet-reply textarea").fill(WORDS)
    return page


def open_menu(page: Page):
    page.get_by_label("More sending options").click()
    return page.locator("#sheet-reply .menu[open] .menu__list")


def press(page: Page, name: str, how: str) -> None:
    """Choose a sending option from its menu by a click, by arrow keys and Enter, or by Space."""
    menu = open_menu(page)
    button = menu.get_by_role("button", name=name)
    if how == "click":
        button.click()
        return
    page.keyboard.press("ArrowDown")
    for _ in range(6):
        if button.evaluate("(element) => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press(how)


def sent(page: Page, words: str = WORDS) -> Message:
    """Return the reply once the page has emptied the sheet."""
    expect(page.locator("#sheet-reply textarea")).to_have_value("")
    return Message.objects.get(text=words)


def state_of(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return ticket.state


@pytest.mark.parametrize("how", ["click", "Enter", "Space"])
def test_each_entry_of_the_menu_does_what_it_says(written, ticket, how):
    for name, state in (("Send and keep open", "open"), ("Send and put on hold", "on_hold")):
        written.locator("#sheet-reply textarea").fill(f"{WORDS} {state}")
        press(written, name, how)
        sent(written, f"{WORDS} {state}")
        assert state_of(ticket) == state


@pytest.mark.parametrize("how", ["click", "Enter"])
def test_send_later_sends_later(written, ticket, how):
    chosen = timezone.localtime(database_now()).replace(second=0, microsecond=0) + timedelta(days=2)
    menu = open_menu(written)
    menu.get_by_label("Send later").fill(chosen.strftime("%d/%m/%Y %H:%M"))
    if how == "click":
        menu.get_by_role("button", name="Schedule").click()
    else:
        menu.get_by_label("Send later").press("Enter")
    row = Outbound.objects.get(message=sent(written))
    assert (row.state, row.next_attempt_at, state_of(ticket)) == ("scheduled", chosen, "new")


def test_each_button_beside_the_menu_does_what_it_says(written, ticket):
    for name, how, state in (
        ("Send", "click", "pending"), ("Send and solve", "Enter", "solved"),
        ("Send", "Enter", "pending"), ("Send and solve", "click", "solved"),
    ):  # fmt: skip
        written.locator("#sheet-reply textarea").fill(f"{WORDS} {name} {how}")
        button = written.locator(f"#sheet-reply button[name=then][value={state}]")
        button.click() if how == "click" else button.press(how)
        sent(written, f"{WORDS} {name} {how}")
        assert state_of(ticket) == state


@pytest.fixture
def chat(people: Cast) -> Ticket:
    ticket = open_chat(people, now=database_now())
    Ticket.objects.filter(pk=ticket.pk).update(channel=people.chat)
    return ticket


def test_the_send_key_in_a_chat_keeps_it_going_and_an_entry_of_the_menu_alone_solves(at_desk, chat):
    page = at_desk("alice", f"/admin/desk/{chat.pk}/")
    for keys in ("Control+Enter", "Meta+Enter"):
        page.locator("#sheet-reply textarea").fill(f"{WORDS} {keys}")
        page.keyboard.press(keys)
        assert sent(page, f"{WORDS} {keys}").channel_slug == "chat"
        assert state_of(chat) == "pending"
    page.locator("#sheet-reply textarea").fill(WORDS)
    press(page, "Send and solve", "click")
    sent(page)
    assert state_of(chat) == "solved"


def test_a_page_that_showed_mail_does_not_solve_when_the_visitor_is_back(at_desk, chat):
    chat.chat_sessions.update(left_at=database_now())
    page = at_desk("alice", f"/admin/desk/{chat.pk}/")
    page.locator("#sheet-reply textarea").fill(WORDS)
    chat.chat_sessions.update(left_at=None)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#problem")).to_contain_text("The customer is in the chat again")
    expect(page.locator("#sheet-reply textarea")).to_have_value(WORDS)
    page.locator("#sheet-reply textarea").press("Control+Enter")
    sent(page)
    assert state_of(chat) == "pending"
