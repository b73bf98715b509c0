"""What only a browser can say: no violation of WCAG 2.2 AA or of the CSP, nothing cut off on a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from tests import make
from tests.cast import Cast, assemble

STAFF = [
    "/admin/style/",
    "/admin/style/desk/",
    "/admin/style/wall/",
    "/admin/style/report/",
    "/admin/",
    "/accounts/2fa/",
]
OPEN = [
    "/admin/style/portal/",
    "/admin/style/entrance/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/nowhere/",
]
RULES = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def page_for(browser: Any, server: str, person: Any, **options: Any) -> Any:
    client = Client()
    client.force_login(person)
    context = browser.new_context(**options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])
    return context.new_page()


def visit(page: Any, address: str, **options: Any) -> None:
    """Go there, and make sure that it is the page that is meant and not one of our mistakes."""
    assert page.goto(address, **options).status == (404 if address.endswith("/nowhere/") else 200)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_surface_passes_axe(asgi_server: str, cast: Cast, browser: Any, scheme: str):
    page = page_for(browser, asgi_server, cast.admin, color_scheme=scheme, bypass_csp=True)
    found = []
    for path in (*STAFF, *OPEN):
        visit(page, asgi_server + path)
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found.append((path, violation["id"], [node["target"] for node in violation["nodes"]][:3]))
    page.context.close()
    assert found == []


def test_no_surface_breaks_the_content_security_policy(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.admin)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in (*STAFF, *OPEN):
        visit(page, asgi_server + path, wait_until="networkidle")
    page.context.close()
    assert [text for text in said if "Content Security Policy" in text] == []


def test_nothing_is_wider_than_a_phone(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.admin, viewport={"width": 390, "height": 844}, has_touch=True)
    wide = []
    for path in (*STAFF, *OPEN, "/admin/tickets/queue/", "/admin/tickets/queue/add/"):
        visit(page, asgi_server + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(path)
    page.context.close()
    assert wide == []


def test_the_theme_button_works_at_once_and_after_a_reload(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.admin, color_scheme="light")
    page.goto(asgi_server + "/admin/style/")
    page.click(".user-menu > summary")
    with page.expect_response("**/preferences/"):
        page.click("button[name=theme][value=dark]")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.goto(asgi_server + "/admin/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.context.close()


def test_a_menu_opens_and_closes_by_keyboard(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.admin)
    page.goto(asgi_server + "/admin/style/desk/")
    summary = page.locator(".user-menu > summary")
    summary.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "menu__item"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert not page.locator(".user-menu").evaluate("menu => menu.open")
    page.context.close()


def test_a_dialog_opens_and_gives_the_focus_back(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.admin)
    page.goto(asgi_server + "/admin/style/")
    page.click("[data-dialog-open=confirm]")
    assert page.locator("#confirm").evaluate("dialog => dialog.open")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.dialogOpen") == "confirm"
    page.context.close()


def test_a_phone_shows_one_pane_and_goes_back_by_the_back_button(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.admin, viewport={"width": 390, "height": 844})
    page.goto(asgi_server + "/admin/style/desk/?pane=list")
    assert [page.locator(f"#{name}").is_visible() for name in ("pane-list", "main", "pane-card")] == [
        True,
        False,
        False,
    ]
    page.click(".bottom-bar [data-pane-to=card]")
    assert page.locator("#pane-card").is_visible()
    page.go_back()
    assert page.locator("#pane-list").is_visible()
    page.context.close()


def test_a_security_key_that_does_not_answer_is_told(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.alice)
    page.goto(asgi_server + "/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(make.PASSWORD)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Add the key").click()  # no key works where an address is a number
    page.get_by_text("The key did not answer.").wait_for()
    page.context.close()
