"""The whole application in a thread for browser tests, and the system's Chromium to look at it."""

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Error

from tests.plugins.database import skip_or_fail

os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
)  # Playwright's sync API leaves a loop in the test thread

# Each worker collects style sheets and scripts into a folder of its own, known before the settings are read.
os.environ["TANDEM_STATIC"] = (
    f"{os.environ['TANDEM_DATA']}/static-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
)

# Fixtures of pytest-playwright that live as long as the session and end with the browser.
OF_THE_BROWSER = ("playwright", "browser_type", "browser_context_args", "launch_browser", "browser")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a browser test that failed once more, and list it as run again: a busy machine is slow to draw.

    Whatever fails on a quiet machine or twice is a fault.
    """
    for item in filter(_needs_browser, items):
        item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hide the loop that an earlier browser test left in this thread from a test that starts its own.

    Playwright sets it again by itself whenever it is called.
    """
    if not _needs_browser(item):
        asyncio._set_running_loop(None)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start the browser again where it has ended: one test's crash must not fail every later test."""
    if _needs_browser(item) and (ended := _how_it_ended(item)):
        item.warn(
            pytest.PytestWarning(f"The browser had ended before this test and is started again: {ended}")
        )
        asyncio._set_running_loop(None)
        for definition in _definitions(item):
            definition.cached_result = None
            definition._finalizers.clear()  # they would speak to the one that has gone


def _needs_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


def _definitions(item: pytest.Item) -> list[Any]:
    """Return the definitions of the session's fixtures that hold Playwright or its browser."""
    found = [item.session._fixturemanager.getfixturedefs(name, item) for name in OF_THE_BROWSER]
    return [definition for definitions in found for definition in definitions or ()]


def _how_it_ended(item: pytest.Item) -> str:
    """Return how Playwright's driver or its browser ended; an empty text while both run or none has begun."""
    browsers = [d.cached_result[0] for d in _definitions(item) if d.argname == "browser" and d.cached_result]
    try:
        for browser in filter(None, browsers):
            browser.new_context().close()
    except Error as error:
        return error.message
    return ""


class _Server(uvicorn.Server):
    """uvicorn that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


def _chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the installed Chromium and nothing downloaded."""
    program = _chromium()
    if program is None:
        skip_or_fail("Chromium is not installed (apt install chromium, or set CHROMIUM to its path)")
    return {**browser_type_launch_args, "executable_path": program, "args": list(CHROMIUM_ARGUMENTS)}


@pytest.fixture(scope="session")
def static_files() -> str:
    """Collect style sheets and scripts and give the folder; the application may be imported already."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    return str(settings.STATIC_ROOT)


@pytest.fixture
def asgi_server(static_files: str, transactional_db: None) -> Iterator[str]:
    """Serve pages and websockets on a free port from this process: same database, settings and outbox.

    Gives the address, without a slash at its end.
    """
    from channels.layers import channel_layers
    from servestatic import ServeStaticASGI

    from helpdesk.asgi import application

    with_static = ServeStaticASGI(application, root=static_files, prefix="static/")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    channel_layers.backends.clear()
    config = uvicorn.Config(with_static, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    assert server.listening.wait(10), "the server did not start within 10 s"
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the server did not stop within 10 s"
