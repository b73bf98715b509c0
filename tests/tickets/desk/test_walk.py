"""An agent's walk over the desk in a real browser, with a colleague beside them who sees it live."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import make
from tests.cast import Cast
from tests.routing.scene import there
from tests.tickets.desk.conftest import PHONE, WIDE
from tickets.clock import database_now
from tickets.models import Attachment, Company, Draft, Ticket

AXE = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
expect.set_options(timeout=20_000)


@pytest.fixture
def ticket(people: Cast) -> Ticket:
    return make.ticket(people.web, people.dana, "My lamp arrived broken.", now=database_now())


def test_a_ticket_is_read_noted_and_answered_and_a_colleague_sees_it_live(at_desk, ticket, worker):
    Company.objects.create(pk=1, undo_seconds=0)  # replies leave at once
    alice, bob = at_desk("alice", "/admin/desk/list/unassigned/"), at_desk("bob", f"/admin/desk/{ticket.pk}/")
    alice.locator(".work-row", has_text="Broken lamp").click()
    expect(alice.locator("#thread")).to_contain_text("My lamp arrived broken.")
    expect(alice).to_have_url(f"{alice.url.split('/admin')[0]}/admin/desk/{ticket.pk}/")
    expect(bob.locator("#readers")).to_contain_text("Alice is reading")
    expect(alice.locator("#card")).to_contain_text("dana@petit.example")

    alice.keyboard.press("n")
    alice.keyboard.type("Careful with her.")
    expect(alice.locator("#saved")).to_contain_text("Draft saved")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator(".message--note")).to_contain_text("Careful with her.")
    expect(bob.locator(".message--note")).to_contain_text("Careful with her.")

    alice.keyboard.press("Escape")
    alice.keyboard.press("r")
    alice.keyboard.type("A new one is on its way.")
    expect(bob.locator("#readers")).to_contain_text("Alice is writing")
    alice.keyboard.press("Control+Enter")
    for page in (alice, bob):
        expect(page.locator(".message--mine")).to_contain_text("A new one is on its way.")
        expect(page.locator("#state")).to_have_text("solved")
        expect(page.locator(".message--mine .message__state")).to_contain_text("sent")
    assert alice.locator("#sheet-reply textarea").input_value() == ""
    assert list(Draft.objects.values("kind", "text")) == []


def test_new_work_comes_to_the_list_and_the_title_by_itself(at_desk, people, worker):
    alice = at_desk("alice", f"/admin/desk/list/queue-{people.orders.pk}/")
    expect(alice.locator(".work-row")).to_have_count(0)
    there(people.alice, database_now())
    make.ticket(people.web, people.dana, now=database_now())
    expect(alice.locator(".work-row")).to_have_count(1)
    expect(alice).to_have_title("(1) Desk · Tandem")


def test_the_card_is_of_the_ticket_even_when_its_row_is_gone_meanwhile(at_desk, ticket, people):
    other = make.ticket(people.web, people.emile, "Two invoices.", subject="Invoices", now=database_now())
    alice = at_desk("alice", "/admin/desk/list/unassigned/")
    alice.locator(".work-row", has_text="Broken lamp").click()
    expect(alice.locator("#card")).to_contain_text("dana@petit.example")
    row = alice.locator(".work-row", has_text="Invoices")
    take_off = "document.querySelectorAll('.work-row').forEach((row) => row.remove())"
    alice.route(f"**/desk/{other.pk}/", lambda route: (alice.evaluate(take_off), route.continue_()))
    row.click()
    expect(alice.locator("#thread")).to_contain_text("Two invoices.")
    expect(alice.locator("#card")).to_contain_text("emile@")


def test_a_stale_answer_is_stopped_and_nothing_is_lost(at_desk, ticket, people):
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    alice.locator("#sheet-reply textarea").fill("Please send a photo.")
    make.customer_message(ticket, "I found it, thank you!", now=database_now())
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator("#problem")).to_contain_text("I found it, thank you!")
    assert alice.locator("#sheet-reply textarea").input_value() == "Please send a photo."
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator(".message--mine")).to_contain_text("Please send a photo.")
    expect(alice.locator("#problem")).to_have_count(0)


def test_a_draft_and_its_file_are_there_again_after_a_reload(at_desk, ticket):
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    alice.locator("#sheet-reply textarea").fill("See the drawing.")
    alice.locator("#attach-reply").set_input_files(
        [{"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"plan"}]
    )
    expect(alice.locator("#files-reply")).to_contain_text("plan.pdf")
    alice.reload()
    expect(alice.locator("#sheet-reply textarea")).to_have_value("See the drawing.")
    alice.get_by_role("button", name="Remove plan.pdf").click()
    expect(alice.locator("#files-reply .attachment")).to_have_count(0)
    assert not Attachment.objects.exists()


def test_everything_can_be_reached_by_keyboard(at_desk, people):
    for subject in ("Blue wardrobe", "Green chair"):
        make.ticket(people.web, people.dana, subject=subject, now=database_now())
    alice = at_desk("alice", "/admin/desk/list/unassigned/")
    alice.keyboard.press("j")
    alice.keyboard.press("j")
    alice.keyboard.press("Enter")
    expect(alice.locator("#head")).to_contain_text("Green chair")
    alice.keyboard.press("Control+k")
    alice.keyboard.type("wardrobe")
    expect(alice.locator("#work")).to_contain_text("Found for “wardrobe”")
    expect(alice.locator(".work-row")).to_have_count(1)
    alice.keyboard.press("Escape")
    alice.keyboard.press("?")
    expect(alice.locator("#keys")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.locator("#keys")).not_to_be_visible()


def test_the_back_button_goes_to_the_ticket_before(at_desk, people):
    first, second = (
        make.ticket(people.web, people.dana, subject=s, now=database_now()) for s in ("One", "Two")
    )
    alice = at_desk("alice", f"/admin/desk/{first.pk}/?list=unassigned")
    alice.locator(".work-row", has_text="Two").click()
    expect(alice.locator("#talk")).to_have_attribute("data-number", str(second.pk))
    expect(alice).to_have_url(re.compile(rf"/admin/desk/{second.pk}/"))
    alice.go_back()
    expect(alice.locator("#talk")).to_have_attribute("data-number", str(first.pk))


def test_while_the_server_is_away_the_text_stays_and_a_line_says_so(at_desk, ticket):
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    alice.context.set_offline(True)
    alice.locator("#sheet-reply textarea").fill("Nothing of this is lost.")
    expect(alice.locator("#offline")).to_be_visible()
    alice.context.set_offline(False)
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator(".message--mine")).to_contain_text("Nothing of this is lost.")
    expect(alice.locator("#offline")).not_to_be_visible()


def test_on_a_phone_one_pane_follows_the_other(at_desk, ticket):
    alice = at_desk("alice", "/admin/desk/list/unassigned/", size=PHONE, has_touch=True, is_mobile=True)
    alice.locator(".work-row").tap()
    expect(alice.locator("#composer")).to_be_visible()
    expect(alice.locator("#work")).not_to_be_visible()
    alice.get_by_role("button", name="Back to the list").tap()
    expect(alice.locator("#work")).to_be_visible()
    width = alice.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_of_a_ticket_is_cut_off_on_a_phone(at_desk, ticket, people, language):
    type(people.alice).objects.update(language=language)
    Draft.objects.create(ticket=ticket, user=people.alice, text="Hello,", updated_at=database_now())
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/", size=PHONE)
    expect(alice.locator(".composer__saved")).not_to_be_empty()
    beyond = "els => els.filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.className)"
    assert alice.locator(".talk__head, .talk__line, .composer, .composer__top > *").evaluate_all(beyond) == []
    menus = alice.locator(".composer__foot .menu > summary:visible")
    for number in range(menus.count()):
        menus.nth(number).click()
        assert alice.locator(".menu[open] > .menu__list").evaluate_all(beyond) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(at_desk, ticket, people, scheme):
    ticket.messages.update(html_safe="<p>Hello</p>", reply_text="Hello", text="Hello\n> before")
    for size in (WIDE, PHONE):
        page = at_desk(
            "carol", "/admin/desk/list/unassigned/", size=size, color_scheme=scheme, bypass_csp=True
        )
        for path in (f"{ticket.pk}/", "new/", "quarantine/", "search/?q=lamp"):
            page.goto(page.url.split("/admin/desk/")[0] + "/admin/desk/" + path)
            page.wait_for_load_state("networkidle")
            found = Axe().run(page, options=AXE)
            assert found.violations_count == 0, f"{path} {size}: {found.generate_report()}"
