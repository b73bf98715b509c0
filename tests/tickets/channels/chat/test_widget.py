"""The widget in a real browser, on another site's page with a strict policy."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.tickets.channels.chat.pages import lines, shop, write
from tests.tickets.channels.chat.visitors import answer
from tickets.channels.chat import widget
from tickets.models import Message, Ticket


@pytest.fixture
def complaints(page):
    """What the browser complains about: errors, refused by a policy or not."""
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_the_file_is_small():
    assert len(widget.build_script()) < 16 * 1024
    assert b"//" not in widget.build_script().replace(b"://", b"").replace(b":\\/\\/", b"")


def test_a_conversation_on_another_sites_page(helpdesk, cast, page, complaints):
    with shop(helpdesk.url, cast.chat.key) as site:
        page.goto(site.url)
        page.get_by_role("button", name="Chat with us").click()
        write(page, "Is my lamp on its way?")
        expect(page.locator(".you time")).to_have_text(re.compile(r"\d"))
        answer(Ticket.objects.get(), cast.alice, "It is, see https://post.example/7.")
        expect(page.locator(".us .text")).to_have_text("It is, see https://post.example/7.")
        assert page.locator(".us a").get_attribute("href") == "https://post.example/7"
        page.reload()
        expect(page.get_by_role("log").locator(".text")).to_have_count(2)
    assert lines(page) == ["Is my lamp on its way?", "It is, see https://post.example/7."]
    assert complaints == []


def test_nothing_is_lost_or_doubled_when_the_server_restarts(helpdesk, cast, page):
    with shop(helpdesk.url, cast.chat.key) as site:
        page.goto(site.url)
        page.get_by_role("button", name="Chat with us").click()
        write(page, "Before")
        expect(page.locator(".you time")).to_have_text(re.compile(r"\d"))
        helpdesk.stop()
        write(page, "While you were away")
        answer(Ticket.objects.get(), cast.bob, "Here is Bob")
        expect(page.locator(".note")).to_contain_text("No connection")
        helpdesk.start()
        expect(page.get_by_role("log").locator(".text")).to_have_count(3, timeout=15000)
        expect(page.locator(".line:last-child time")).to_have_text(re.compile(r"\d"), timeout=15000)
        write(page, "After")
        expect(page.get_by_role("log").locator(".text")).to_have_count(4)
        expect(page.locator(".line:last-child time")).to_have_text(re.compile(r"\d"))
    stored = [m.text for m in Message.objects.order_by("seq")]
    assert lines(page) == stored == ["Before", "Here is Bob", "While you were away", "After"]


def test_the_panel_is_a_dialog_for_the_keyboard(helpdesk, cast, page):
    with shop(helpdesk.url, cast.chat.key) as site:
        page.goto(site.url)
        button = page.get_by_role("button", name="Chat with us")
        button.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_label("Your message")).to_be_focused()
        for _stop in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.id") == "tandem-chat"
            assert page.evaluate("document.activeElement.shadowRoot.activeElement.className") != "open"
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(button).to_be_focused()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_everybody_can_use_it(helpdesk, cast, browser, scheme, width):
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 844}
    )
    page = context.new_page()
    with shop(helpdesk.url, cast.chat.key) as site:
        page.goto(site.url)
        page.get_by_role("button", name="Chat with us").click()
        write(page, "Hello")
        expect(page.locator(".you time")).to_have_text(re.compile(r"\d"))
        answer(Ticket.objects.get(), cast.alice, "Hello, see https://post.example/7")
        expect(page.locator(".us")).to_be_visible()
        found = Axe().run(page, context="#tandem-chat")
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_whoever_comes_back_sees_that_there_is_an_answer(helpdesk, cast, page):
    with shop(helpdesk.url, cast.chat.key) as site:
        page.goto(site.url)
        page.get_by_role("button", name="Chat with us").click()
        write(page, "Anybody?")
        expect(page.locator(".you time")).to_have_text(re.compile(r"\d"))
        page.get_by_role("button", name="Close the chat").first.click()
        answer(Ticket.objects.get(), cast.alice, "Me")
        expect(page.get_by_role("button", name="Chat with us")).to_contain_text("1")


def test_an_address_is_asked_for_and_kept(helpdesk, cast, page):
    with shop(helpdesk.url, cast.chat.key) as site:
        page.goto(site.url)
        page.get_by_role("button", name="Chat with us").click()
        expect(page.get_by_text("We cannot say at the moment when a person will answer.")).to_be_visible()
        page.get_by_label("Your email address").fill("dana@petit.example")
        page.get_by_role("button", name="Save my address").click()
        expect(
            page.get_by_text("Thank you. If you leave, you will receive the answer by email.")
        ).to_be_visible()


def test_a_site_that_forbids_connections_gets_a_link(helpdesk, cast, page):
    with shop(helpdesk.url, cast.chat.key) as site:
        site.policy = f"default-src 'none'; script-src {helpdesk.url}"
        page.goto(site.url)
        link = page.get_by_role("link", name="Chat")
        expect(link).to_have_attribute("href", f"{helpdesk.url}/chat/?key={cast.chat.key}")


def test_a_page_of_our_own_shows_the_chat_at_once(helpdesk, cast, page):
    page.goto(f"{helpdesk.url}/chat/")
    write(page, "From your own page")
    expect(page.locator(".you time")).to_have_text(re.compile(r"\d"))
    assert Message.objects.get().text == "From your own page"


def test_an_unknown_key_shows_nothing(helpdesk, cast, page):
    with shop(helpdesk.url, "nobody") as site:
        with page.expect_response(re.compile("/status/")) as answered:
            page.goto(site.url)
        assert answered.value.status == 404
        expect(page.locator("#tandem-chat")).to_have_count(0)
