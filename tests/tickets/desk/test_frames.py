"""Formatted mails in a real browser: as high as their content, links that open, nothing that runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests import make
from tests.cast import Cast
from tests.tickets.desk.conftest import PHONE, WIDE
from tickets.clock import database_now
from tickets.models import Message, Ticket

expect.set_options(timeout=20_000)
LINES = "".join(f"<p>Line {number} of a long letter.</p>" for number in range(120))
FRAME = ".message__frame"


@pytest.fixture
def ticket(people: Cast) -> Ticket:
    return make.ticket(people.web, people.dana, now=database_now())


def show(at_desk, ticket: Ticket, html: str, size=WIDE) -> Page:
    Message.objects.filter(ticket=ticket).update(html_safe=html, html=html)
    page = at_desk("alice", f"/admin/desk/{ticket.pk}/", size=size)
    unfold(page)
    return page


def unfold(page: Page) -> None:
    fold = page.locator(".message__fold").filter(has=page.locator(FRAME))
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def inside(page: Page) -> FrameLocator:
    return page.frame_locator(FRAME)


def wait_for_height(page: Page, least: int, most: int) -> None:
    """Wait until the frame is so many pixels high; its page may evaluate no text by itself."""
    height = -1
    for _ in range(200):
        height = page.locator(FRAME).evaluate("f => f.clientHeight")
        if least <= height <= most:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"the frame is {height} px high")


def hidden_height(page: Page) -> int:
    """Return by how many pixels the content is higher than its frame."""
    return int(
        page.locator(FRAME).evaluate("f => f.contentDocument.documentElement.scrollHeight - f.clientHeight")
    )


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_long_mail_is_shown_at_its_full_height(at_desk, ticket, size):
    page = show(at_desk, ticket, LINES, size)
    expect(inside(page).get_by_text("Line 119 of a long letter.")).to_be_attached()
    wait_for_height(page, 3000, 9000)
    assert hidden_height(page) == 0


def test_a_short_mail_takes_no_more_room_than_it_needs(at_desk, ticket):
    page = show(at_desk, ticket, "<p>Thank you!</p>")
    wait_for_height(page, 30, 90)
    assert hidden_height(page) == 0


def test_a_mail_as_high_as_its_window_does_not_grow_for_ever(at_desk, ticket):
    page = show(at_desk, ticket, '<div style="height:100vh"><p>Hello</p></div><p>And more</p>')
    expect(inside(page).get_by_text("And more")).to_be_attached()
    page.wait_for_timeout(500)
    wait_for_height(page, 30, 600)


def test_a_link_in_a_mail_opens_in_a_window_without_a_way_back(at_desk, ticket, asgi_server):
    page = show(
        at_desk, ticket, f'<p><a href="{asgi_server}/readyz" rel="noopener noreferrer">See it</a></p>'
    )
    with page.context.expect_page() as opened:
        inside(page).get_by_role("link", name="See it").click()
    opened.value.wait_for_load_state()
    assert opened.value.url == f"{asgi_server}/readyz"
    assert opened.value.evaluate("[window.opener, document.referrer]") == [None, ""]


def test_nothing_in_a_mail_runs_or_is_sent_even_if_it_came_through(at_desk, ticket, complaints):
    page = show(
        at_desk,
        ticket,
        "<script>top.document.title = 'taken'</script><img src=x onerror=\"top.document.title = 'taken'\">"
        "<form action='/accounts/logout/' method='post'><button>Press me</button></form><p>End</p>",
    )
    expect(inside(page).get_by_text("End")).to_be_visible()
    inside(page).get_by_role("button", name="Press me").click()
    page.wait_for_timeout(300)
    assert "taken" not in page.title()
    expect(page.locator("#talk")).to_be_visible()
    assert page.request.get(page.url).url == page.url  # still signed in
    refused = [words for words in complaints if "frame is sandboxed" in words or '"img-src data:"' in words]
    assert len(refused) == 4
    complaints[:] = [words for words in complaints if words not in refused]
