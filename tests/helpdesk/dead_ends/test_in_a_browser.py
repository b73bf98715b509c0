"""The chat's window and the pages in a real browser: a person is near also without scripts or sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.tickets.channels.chat.conftest import helpdesk  # noqa: F401  (a fixture)
from tests.tickets.channels.chat.pages import Shop, shop, write


@pytest.fixture
def blocked(page: Page) -> Page:
    """Return a page on which neither a socket nor a request of the window gets through."""
    page.route_web_socket(re.compile("/ws/chat/"), lambda socket: socket.close(code=1001))
    page.route(re.compile("/frames/"), lambda route: route.abort())
    return page


@pytest.fixture(params=["en", "fr"])
def site(request, helpdesk, cast) -> Iterator[tuple[Shop, str]]:  # noqa: F811
    with shop(helpdesk.url, cast.chat.key, request.param) as opened:
        yield opened, request.param


def ways_in(page: Page) -> list[str]:
    """Return where the links of the open window lead."""
    links = page.locator("nav.ways a")
    expect(links).to_have_count(3)
    expect(links.last).to_be_visible()
    return [str(link.get_attribute("href")) for link in links.all()]


def test_a_window_that_reaches_nothing_has_other_ways_and_keeps_the_words(site, cast, blocked):
    opened, _language = site
    blocked.goto(opened.url)
    blocked.locator("button.open").click()
    blocked.locator("textarea").fill("Is my lamp on its way?")
    blocked.locator("textarea").press("Enter")
    expect(blocked.locator(".you .text")).to_have_text("Is my lamp on its way?")
    form, call, mail = ways_in(blocked)
    assert (form[-9:], call[-10:], mail) == ("/request/", "/callback/", f"mailto:{cast.mailbox.address}")
    blocked.reload()
    expect(blocked.locator(".you .text")).to_have_text("Is my lamp on its way?")


def test_a_window_that_cannot_ask_who_is_here_leads_to_a_page_with_a_person(helpdesk, cast, page):  # noqa: F811
    page.route(re.compile("/status/"), lambda route: route.abort())
    with shop(helpdesk.url, cast.chat.key) as opened:
        page.goto(opened.url)
        address = page.locator("a.open").get_attribute("href")
    page.goto(str(address))
    expect(page.get_by_role("link", name=str(cast.mailbox.address))).to_be_visible()


def test_an_ended_chat_has_other_ways(helpdesk, cast, page):  # noqa: F811
    with shop(helpdesk.url, cast.chat.key) as opened:
        page.goto(opened.url)
        page.locator("button.open").click()
        write(page, "Hello")
        page.get_by_role("button", name="End the chat").click()
        expect(page.get_by_text("You have ended this chat.")).to_be_visible()
        assert len(ways_in(page)) == 3


def test_the_chats_page_without_scripts_has_other_ways(helpdesk, cast, browser: Browser):  # noqa: F811
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    tab = context.new_page()
    tab.goto(f"{helpdesk.url}/chat/")
    expect(tab.locator("noscript")).to_be_visible()
    tab.locator("aside").get_by_role("link", name="Écrivez-nous").click()
    expect(tab.locator("textarea[name=text]")).to_be_visible()
    context.close()


def test_words_of_a_search_are_begun_in_the_chat(helpdesk, cast, page):  # noqa: F811
    page.goto(f"{helpdesk.url}/help/?q=zeppelin")
    page.get_by_role("link", name="Open the chat").click()
    expect(page.get_by_label("Your message")).to_have_value("zeppelin")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_was_typed_stays_when_the_language_is_changed(helpdesk, cast, browser, scripts):  # noqa: F811
    context = browser.new_context(java_script_enabled=scripts, locale="en-GB")
    tab = context.new_page()
    tab.goto(f"{helpdesk.url}/request/")
    tab.locator("textarea[name=text]").fill("My lamp broke.")
    tab.get_by_role("button", name="Français").click()
    expect(tab.locator("html")).to_have_attribute("lang", "fr")
    expect(tab.locator("textarea[name=text]")).to_have_value("My lamp broke.")
    context.close()
