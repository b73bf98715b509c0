"""A customer's walk through the pages in a real browser: the CSP blocks nothing, axe objects to nothing."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import BrowserContext, FilePayload, Page

from tests import make
from tests.cast import Cast, assemble
from tickets.clock import database_now
from tickets.customers import links
from tickets.delivery import outbox
from tickets.models import Article, Ticket

PHOTO: FilePayload = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": b"photo"}
RULES = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
INVOICE: FilePayload = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": b"invoice"}


@pytest.fixture
def people(asgi_server: str) -> Cast:
    """Return the cast in the database that the server reads."""
    return assemble()


@pytest.fixture
def tab(page: Page) -> Iterator[Page]:
    """Give a page, and fail when the browser refused anything on it; a 4xx is an answer, not a refusal."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [c for c in complaints if "the server responded with a status of 4" not in c] == []


def test_form_is_filled_in_sent_and_followed(people, asgi_server, tab):
    tab.goto(f"{asgi_server}/")
    tab.get_by_role("link", name="Write to us").first.click()
    tab.get_by_label("Your email address").fill("dana@petit.example")
    tab.get_by_label("Subject").fill("Broken lamp")
    tab.get_by_label("What happened?").fill("My lamp arrived broken.")
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("heading", name="Thank you, we have your message").wait_for()
    outbox.deliver_due(now=database_now())
    path = mail.outbox[-1].body.split("http://127.0.0.1:8000")[1].split()[0]
    tab.goto(asgi_server + path)
    tab.get_by_label("Your message").fill("Order 4711.")
    tab.get_by_role("button", name="Send").click()
    tab.get_by_text("Order 4711.").wait_for()
    assert Ticket.objects.get().messages.count() == 2
    tab.get_by_role("button", name="This is solved").click()
    tab.get_by_text("This request is closed.").wait_for()
    assert Ticket.objects.get().state == "closed"


def test_chosen_files_are_listed_and_can_be_taken_away(people, asgi_server, tab):
    tab.goto(f"{asgi_server}/request/")
    chooser = tab.get_by_label("Photos or documents")
    chooser.set_input_files([PHOTO])
    chooser.set_input_files([INVOICE])
    tab.get_by_role("button", name="Remove lamp.jpg").click()
    tab.get_by_label("Your email address").fill("dana@petit.example")
    tab.get_by_label("Subject").fill("Broken lamp")
    tab.get_by_label("What happened?").fill("See the invoice.")
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("heading", name="Thank you, we have your message").wait_for()
    assert [file.name for file in Ticket.objects.get().messages.get().attachments.all()] == ["invoice.pdf"]


def test_refused_form_leads_to_what_is_wrong(people, asgi_server, tab):
    tab.goto(f"{asgi_server}/request/")
    tab.get_by_label("What happened?").fill("My lamp arrived broken.")
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("alert").first.wait_for()
    assert tab.get_by_label("What happened?").input_value() == "My lamp arrived broken."
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_form_works_without_javascript(people, asgi_server, browser):
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{asgi_server}/request/")
    tab.get_by_label("Your email address").fill("dana@petit.example")
    tab.get_by_label("Subject").fill("Broken lamp")
    tab.get_by_label("What happened?").fill("My lamp arrived broken.")
    tab.get_by_label("Photos or documents").set_input_files([PHOTO, INVOICE])
    tab.get_by_role("button", name="Send").click()
    tab.get_by_role("heading", name="Thank you, we have your message").wait_for()
    context.close()
    assert Ticket.objects.get().messages.get().attachments.count() == 2


def test_call_is_asked_for_by_keyboard(people, asgi_server, tab):
    tab.goto(f"{asgi_server}/callback/")
    tab.get_by_label("Your phone number").fill("020 7946 0018")
    tab.get_by_role("radio").first.focus()
    tab.keyboard.press("Space")
    tab.get_by_label("What is it about?").fill("My refund")
    tab.keyboard.press("Tab")
    tab.get_by_role("button", name="Request the call back").press("Enter")
    tab.get_by_text("a person will call you.").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_are_well_made(people, asgi_server, browser, width, scheme):
    Article.objects.create(slug="lamp", name_en="My lamp broke", text_en="Send us a photo.")
    now = database_now()
    ticket = make.ticket(people.web, people.dana, now=now)
    own = links.make_request_url(ticket.participants.get(), now=now).removeprefix("http://127.0.0.1:8000")
    every = links.make_all_requests_url(people.dana.identities.get(), now=now).removeprefix(
        "http://127.0.0.1:8000"
    )
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900}
    )  # axe writes styles that the CSP refuses
    tab = context.new_page()
    found: list[tuple[object, ...]] = []
    for path in ("/", "/request/", "/callback/", "/help/lamp/", "/requests/", "/r/none/", own, every):
        tab.goto(asgi_server + path)
        if path == "/request/":
            tab.get_by_role("button", name="Send").click()
            tab.get_by_role("alert").first.wait_for()
        for violation in Axe().run(tab, options=RULES).response["violations"]:
            found.append((path, violation["id"], [node["target"] for node in violation["nodes"]][:3]))
        if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append((path, "too wide"))
    context.close()
    assert found == []
