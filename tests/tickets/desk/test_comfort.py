"""What lies where on the desk, where the focus goes, and what is counted down, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import JSHandle, Locator, Page, Route, expect

from routing.dispatch import run
from tests import make
from tests.cast import Cast
from tests.routing.scene import chat, offer_of, there
from tests.tickets.desk.conftest import PHONE, WIDE
from tickets.clock import database_now
from tickets.delivery import outbox
from tickets.models import Macro, Outbound, Ticket

expect.set_options(timeout=20_000)
MENUS = "#composer .sheet:not([hidden]) details.menu > summary, #head details.menu > summary"


@pytest.fixture
def ticket(people: Cast) -> Ticket:
    return make.ticket(people.web, people.dana, now=database_now())


def box(place: Locator) -> tuple[float, float, float, float]:
    return tuple(
        place.evaluate(
            "e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom] }"
        )
    )


OVERLAP = """([one, other]) => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom }"""


def overlap(one: Locator, other: Locator) -> bool:
    """Compare both places in one step: between two, the page may move them."""
    return bool(one.page.evaluate(OVERLAP, [one.element_handle(), other.element_handle()]))


@pytest.mark.parametrize("size", [WIDE, {"width": 1024, "height": 700}, PHONE])
def test_no_menu_of_a_ticket_is_cut(at_desk, ticket, size):
    for number in range(30):
        name = f"A rather long name of a canned response, number {number}"
        Macro.objects.create(name_en=name, name_fr=name, text_en="Hello", text_fr="Bonjour")
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/", size=size)
    for summary in page.locator(MENUS).locator("visible=true").all():
        summary.click()
        menu = page.locator("details.menu[open] .menu__list")
        expect(menu.locator(".menu__item, .menu__title").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        left, top, right, bottom = box(menu)
        pane = box(page.locator("#main"))
        assert (left >= pane[0], top >= 0, right <= pane[2], bottom <= size["height"]) == (True,) * 4
        page.keyboard.press("Escape")


def test_the_line_about_the_connection_covers_nothing_of_the_composer(at_desk, ticket):
    for size in (WIDE, PHONE):
        page = at_desk("alice", f"/admin/desk/{ticket.pk}/", size=size)
        page.wait_for_load_state("networkidle")  # an answer that is still under way takes the line off again
        page.context.set_offline(True)
        page.locator("#sheet-reply textarea").fill("Nothing of this is lost.")
        expect(page.locator("#offline")).to_be_visible()
        assert not overlap(page.locator("#offline"), page.locator("#composer"))
        page.context.set_offline(False)


def test_who_accepts_a_chat_can_write_at_once(at_desk, people):
    now = database_now()
    there(people.alice, now)
    waiting = chat(people, now=now)
    run.run_pass(now)
    assert offer_of(waiting).agent.user == people.alice
    page = at_desk("alice", "/admin/desk/")
    page.locator("#offers .offer").wait_for()
    page.keyboard.press("a")
    expect(page.locator("#talk")).to_have_attribute("data-number", str(waiting.pk))
    expect(page.locator("#sheet-reply textarea")).to_be_focused()


def test_a_row_keeps_the_focus_when_the_list_is_read_again(at_desk, ticket, people):
    page = at_desk("alice", "/admin/desk/list/unassigned/")
    page.keyboard.press("j")
    make.ticket(people.web, people.emile, subject="Invoices", now=database_now())
    page.evaluate("document.dispatchEvent(new CustomEvent('hint', { detail: { kind: 'again' } }))")
    expect(page.locator(".work-row")).to_have_count(2)
    expect(page.locator(f".work-row[data-number='{ticket.pk}']")).to_be_focused()


def leaving(page: Page, ticket: Ticket) -> Outbound:
    """Send a reply that can be taken back for ten seconds; its page has a clock of its own."""
    page.clock.install()
    page.reload()
    page.locator("#sheet-reply textarea").fill("It leaves today.")
    page.locator("#sheet-reply textarea").press("Control+Enter")
    expect(page.locator("[data-leaves-in]")).to_contain_text("Sending in")
    return Outbound.objects.get(kind="reply")


def test_a_reply_counts_down_until_it_has_left(at_desk, ticket):
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    row = leaving(page, ticket)
    expect(page.locator(".toast")).to_contain_text("leaves in a moment")
    shown = page.locator("[data-leaves-in]")
    before = shown.inner_text()
    page.clock.run_for(3000)
    expect(shown).to_have_text(re.compile(r"Sending in \d+ s"))
    assert shown.inner_text() != before
    page.clock.run_for(60_000)
    expect(shown).to_have_text("Sending now")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    outbox.deliver(row.pk, now=row.next_attempt_at + timedelta(seconds=1))
    page.clock.run_for(4000)
    expect(page.locator(".message--mine .message__state")).to_have_text("sent")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_undo_gives_the_words_back_and_the_focus_to_them(at_desk, ticket):
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    leaving(page, ticket)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#sheet-reply textarea")).to_have_value("It leaves today.")
    expect(page.locator("#sheet-reply textarea")).to_be_focused()
    expect(page.locator(".toast")).to_have_text(re.compile("Sending undone"))  # and not the news before it
    expect(page.locator("[data-leaves-in]")).to_have_count(0)
    assert Outbound.objects.get(kind="reply").state == "cancelled"


def read_again(page: Page) -> None:
    """Have the customer's card read again, as news of the ticket does."""
    with page.expect_response(lambda answer: "/card/" in answer.url):
        page.evaluate("htmx.trigger(document.getElementById('card'), 'refresh')")
    page.wait_for_load_state("networkidle")


def test_what_is_begun_on_the_card_outlives_its_being_read_again(at_desk, ticket):
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    page.get_by_text("Add an address or a number").click()
    field = page.get_by_label("Mail address or phone number")
    field.fill("dana@elsewhere.example")
    field.press("Home")
    page.get_by_label("Notes about this customer").evaluate("e => (e.value = 'Prefers the morn')")
    field.focus()
    read_again(page)
    expect(field).to_have_value("dana@elsewhere.example")
    expect(field).to_be_focused()
    expect(page.get_by_label("Notes about this customer")).to_have_value("Prefers the morn")
    page.keyboard.type("x")
    expect(field).to_have_value("xdana@elsewhere.example")


def test_what_was_added_to_the_card_is_no_longer_in_its_field(at_desk, ticket):
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    page.get_by_text("Add an address or a number").click()
    field = page.get_by_label("Mail address or phone number")
    field.fill("dana@elsewhere.example")
    field.press("Enter")
    expect(page.locator("#card dd").filter(has_text="dana@elsewhere.example")).to_be_visible()
    read_again(page)
    expect(field).to_have_value("")


@pytest.fixture
def offered(at_desk, people) -> tuple[Page, Ticket]:
    """A chat that waits and is offered to Alice, and her page; its clock is run by the test."""
    now = database_now()
    there(people.alice, now)
    waiting = chat(people, now=now)
    run.run_pass(now)
    assert offer_of(waiting).agent.user == people.alice
    page = at_desk("alice")
    page.clock.install()
    page.reload()
    page.locator("#offers .offer").wait_for()
    let_news_come(page)
    return page, waiting


def hold(page: Page, address: str, **limit: int) -> list[Route]:
    """Hold what the page asks for at an address; return the requests, which go on when they are told to."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(address, keep, **limit)
    return held


def accept(page: Page) -> tuple[JSHandle, Route]:
    """Accept what is offered; return the pressed button and the request, which goes on when it is told to."""
    held = hold(page, "**/acceptance/")
    page.evaluate("addEventListener('click', (event) => (window.pressed = event.target), true)")
    with page.expect_request("**/acceptance/"):
        page.locator("#offers .btn--primary").click()
    return page.evaluate_handle("window.pressed"), held[0]


def let_news_come(page: Page) -> None:
    """Tell the page that something happened which may concern every part of it, and let it look."""
    page.evaluate("document.dispatchEvent(new CustomEvent('hint', { detail: { kind: 'poll' } }))")
    page.clock.run_for(5000)
    page.wait_for_timeout(500)  # whatever the page asked for has been answered


def assert_chat_is_open(page: Page, ticket: Ticket) -> None:
    expect(page.locator("#talk")).to_have_attribute("data-number", str(ticket.pk))
    expect(page.locator("#sheet-reply textarea")).to_be_focused()


def test_an_offer_that_is_being_accepted_is_not_read_again_until_it_is(offered):
    page, waiting = offered
    pressed, answer = accept(page)
    let_news_come(page)
    assert pressed.evaluate("button => button.isConnected")
    answer.continue_()
    assert_chat_is_open(page, waiting)
    page.clock.run_for(5000)
    expect(page.locator("#offers .offer")).to_have_count(0)


def test_what_was_read_before_an_offer_was_accepted_does_not_take_it_off(offered):
    page, waiting = offered
    held = hold(page, "**/routing/offers/", times=1)
    with page.expect_request("**/routing/offers/"):
        page.evaluate("htmx.trigger('#offers', 'refresh')")
    pressed, answer = accept(page)
    with page.expect_response("**/routing/offers/"):
        held[0].continue_()
    page.wait_for_timeout(200)  # htmx has had the answer
    assert pressed.evaluate("button => button.isConnected")
    answer.continue_()
    assert_chat_is_open(page, waiting)
    page.clock.run_for(5000)
    expect(page.locator("#offers .offer")).to_have_count(0)


def test_an_offer_opens_its_chat_also_when_another_list_was_chosen_meanwhile(offered):
    page, waiting = offered
    pressed, answer = accept(page)
    page.locator(".sidenav a[data-list=unassigned]").click()
    expect(page.locator("#work")).to_have_attribute("data-list", "unassigned")
    assert not pressed.evaluate("button => button.isConnected")
    answer.continue_()
    assert_chat_is_open(page, waiting)


def test_a_note_that_is_being_saved_holds_its_card_until_it_is(at_desk, ticket, people):
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    page.clock.install()
    page.reload()
    notes = page.get_by_label("Notes about this customer")
    held = hold(page, "**/notes/")
    notes.fill("Prefers the morning.")
    with page.expect_request("**/notes/"):
        notes.press("Tab")
    card = page.locator("#card").element_handle()
    let_news_come(page)
    assert card.evaluate("card => card.isConnected")
    with page.expect_response(lambda answer: "/card/" in answer.url):
        held[0].continue_()
        page.clock.run_for(5000)
    expect(notes).to_have_value("Prefers the morning.")
    assert not card.evaluate("card => card.isConnected")


def test_two_parts_that_are_read_again_together_keep_what_is_begun(at_desk, ticket):
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    page.clock.install()
    page.reload()
    page.get_by_text("Add an address or a number").click()
    field = page.get_by_label("Mail address or phone number")
    field.fill("dana@elsewhere.example")
    page.clock.pause_at(database_now() + timedelta(minutes=1))
    page.wait_for_load_state("networkidle")
    with page.expect_response("**/card/"), page.expect_response("**/head/"):
        page.evaluate("for (const part of ['#card', '#head']) htmx.trigger(part, 'refresh')")
    page.wait_for_load_state("networkidle")
    page.clock.run_for(1000)  # both settle only now
    expect(field).to_have_value("dana@elsewhere.example")
    expect(field).to_be_focused()
