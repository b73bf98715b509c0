"""What the desk's tests share: somebody signed in, as a client, as a fragment's request, in a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from helpdesk.embedded import bells
from tests.cast import Cast, assemble

FRAGMENT = {"HX-Request": "true"}
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def signed_in(cast) -> Callable[[str], Client]:
    """Return a function that signs somebody of the cast in; the client asks for fragments."""

    def sign_in(name: str, *, fragments: bool = True) -> Client:
        client = Client(headers=FRAGMENT if fragments else None)
        client.force_login(getattr(cast, name))
        return client

    return sign_in


@pytest.fixture
def worker(asgi_server: str, settings) -> Iterator[None]:
    """Let bells ring: the embedded worker, in a thread of this process."""
    settings.BELLS_SILENT = False
    stop = threading.Event()
    running = threading.Thread(target=bells.run_worker, args=[stop])
    running.start()
    yield
    stop.set()
    running.join(20)
    assert not running.is_alive(), "the worker did not stop within 20 s"


@pytest.fixture
def people(asgi_server: str) -> Cast:
    """Return the cast in the database that the server reads."""
    return assemble()


@pytest.fixture
def complaints() -> list[str]:
    """Return what the browser complained of so far; a test that means to be refused takes its own out."""
    return []


@pytest.fixture
def at_desk(
    asgi_server: str, people: Cast, browser: Browser, complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """Return a function that seats somebody at the desk; the browser may complain of nothing."""
    contexts = []

    def seat(name: str, path: str = "/admin/desk/", size=WIDE, **options) -> Page:
        client = Client()
        client.force_login(getattr(people, name))
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": asgi_server}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(asgi_server + path)
        expect(page.locator("#live")).to_have_attribute("data-state", "open")
        return page

    yield seat
    for context in contexts:
        context.close()
    # The server's own refusals (a stale answer, say) are answers, and a cut line is no fault of the page.
    # htmx reports a cut line in three lines, the last of which is "undefined".
    expected = (
        "the server responded with a status of 4",
        "Failed to load resource: net::",
        "htmx:sendError",
        "htmx:responseError",
        "htmx:afterRequest",
        "undefined",
    )
    assert [c for c in complaints if not c.startswith(expected) and expected[0] not in c] == []
