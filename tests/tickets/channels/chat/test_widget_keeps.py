"""What the window keeps for a visitor: files, a name, words that were begun, their place, what is unread."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.tickets.channels.chat.pages import shop, write
from tests.tickets.channels.chat.visitors import answer
from tickets.models import Attachment, ChatSession, Message, Ticket
from tickets.platform import files

SENT = re.compile(r"\d")


@pytest.fixture
def site(helpdesk, cast):
    with shop(helpdesk.url, cast.chat.key) as opened:
        yield opened


def begin(page, site, text="Is my lamp on its way?"):
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    write(page, text)
    expect(page.locator(".you time").last).to_have_text(SENT)
    return Ticket.objects.get()


def attach(message, name, data):
    stored = files.store_file(data)
    return Attachment.objects.create(
        message=message, name=name, content_type="text/plain", size=stored.size, key=stored.key,
        sha256=stored.sha256, created_at=message.created_at,
    )  # fmt: skip


def introduce(page, name="Dana", email="dana@petit.example"):
    if not page.get_by_label("Your name").is_visible():
        page.get_by_text("Your email, in case you have to leave").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your email address").fill(email)
    page.get_by_role("button", name="Save my address").click()
    page.get_by_text("Thank you. If you leave").wait_for()


def test_a_file_from_an_agent_opens_in_the_conversation_it_was_sent_in(helpdesk, site, cast, page):
    ticket = begin(page, site)
    with transaction.atomic():
        attach(answer(ticket, cast.alice, "Here is the invoice."), "invoice.txt", b"12 euros")
    with page.context.expect_event("request", lambda one: "/files/" in one.url, timeout=5000) as asked:
        page.get_by_role("button", name="invoice.txt").click()
    address = urlsplit(asked.value.url)
    assert page.request.get(f"{helpdesk.url}{address.path}?{address.query}").body() == b"12 euros"


def test_name_and_address_outlive_the_end_of_a_chat_and_a_reload(site, cast, page):
    ticket = begin(page, site)
    introduce(page)
    page.get_by_role("button", name="End the chat").click()
    page.get_by_text("You have ended this chat.").wait_for()
    page.reload()
    write(page, "One more thing")
    expect(page.locator(".you time").last).to_have_text(SENT)
    later = Ticket.objects.exclude(pk=ticket.pk).get()
    session = ChatSession.objects.get(ticket=later)
    assert (session.name, session.email) == ("Dana", "dana@petit.example")
    assert later.participants.get().address == "dana@petit.example"


def test_an_address_can_be_corrected(site, cast, page):
    begin(page, site)
    introduce(page, email="dana@petti.example")
    page.reload()
    page.get_by_text("Thank you. If you leave").click()
    expect(page.get_by_label("Your email address")).to_have_value("dana@petti.example")
    page.get_by_label("Your email address").fill("dana@petit.example")
    page.get_by_role("button", name="Save my address").click()
    expect(page.locator(".note")).not_to_contain_text("ran into a problem")
    page.wait_for_timeout(500)
    assert ChatSession.objects.get().email == "dana@petit.example"


def test_the_number_of_unread_answers_goes_on_to_the_next_page(site, cast, page):
    ticket = begin(page, site)
    page.get_by_role("button", name="Close the chat").first.click()
    answer(ticket, cast.alice, "It is.")
    expect(page.get_by_role("button", name="Chat with us")).to_contain_text("1")
    page.goto(site.url + "/other")
    expect(page.get_by_role("button", name="Chat with us")).to_contain_text("1")


def test_what_was_read_is_not_unread_on_the_next_page(site, cast, page):
    ticket = begin(page, site)
    answer(ticket, cast.alice, "It is.")
    expect(page.locator(".us .text")).to_be_visible()
    page.get_by_role("button", name="Close the chat").first.click()
    with page.expect_response(re.compile("/status/")):
        page.goto(site.url + "/other")
    expect(page.get_by_role("log", include_hidden=True).locator(".text")).to_have_count(2)
    expect(page.get_by_role("button", name="Chat with us")).not_to_contain_text("1")


def test_an_open_window_and_a_sentence_go_on_to_the_next_page(site, cast, page):
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    page.get_by_label("Your message").press_sequentially("I had just beg")
    page.get_by_role("link", name="More").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("I had just beg")
    page.get_by_role("button", name="Close the chat").first.click()
    page.reload()
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_message_of_one_page_is_not_lost_by_another(helpdesk, site, cast, page):
    begin(page, site)
    other = page.context.new_page()
    other.goto(site.url)
    other.get_by_role("button", name="Chat with us").click()
    expect(other.get_by_role("log").locator(".text")).to_have_count(1)
    helpdesk.stop()
    write(page, "While you were away")
    other.get_by_label("Your message").press_sequentially("Hm")
    page.close()
    other.reload()
    helpdesk.start()
    third = other.context.new_page()
    third.goto(site.url)
    expect(third.get_by_role("log", include_hidden=True).locator(".text")).to_have_count(2, timeout=15000)
    expect(third.locator(".you time").last).to_have_text(SENT, timeout=15000)
    assert sorted(m.text for m in Message.objects.all()) == ["Is my lamp on its way?", "While you were away"]


def test_a_new_line_leaves_a_reader_where_they_are(site, cast, page):
    ticket = begin(page, site)
    answer(ticket, cast.alice, "\n".join(f"Step {n}" for n in range(80)))
    expect(page.locator(".us .text")).to_be_visible()
    page.locator(".scroll").evaluate("box => (box.scrollTop = 40)")
    page.wait_for_timeout(300)
    answer(ticket, cast.alice, "One more step")
    expect(page.locator(".us .text")).to_have_count(2)
    assert page.locator(".scroll").evaluate("box => box.scrollTop") == 40
    seen = ChatSession.objects.get().seen_seq
    page.get_by_role("button", name="1 unread").click()
    expect(page.locator(".us").last).to_be_in_viewport()
    page.wait_for_timeout(500)
    assert (seen, ChatSession.objects.get().seen_seq) == (2, 3)


@pytest.mark.parametrize("key", [{"isComposing": True}, {"keyCode": 229}])
def test_enter_that_ends_a_composition_does_not_send(site, cast, page, key):
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    box = page.get_by_label("Your message")
    box.fill("にほん")
    box.dispatch_event("keydown", {"key": "Enter", **key})
    expect(box).to_have_value("にほん")
    box.press("Enter")
    expect(page.locator(".you .text")).to_have_text("にほん")


def test_other_ways_to_a_person_are_one_click_away(site, cast, page):
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").click()
    for name, path in (("Write to us", "/request/"), ("Request a call back", "/callback/")):
        expect(page.get_by_role("link", name=name)).to_have_attribute("href", re.compile(f"{path}$"))
    expect(page.get_by_role("link", name="support@demo.example")).to_be_visible()
