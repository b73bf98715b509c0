"""For browser tests: a shop's page on another origin, and a server that can be stopped and started again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from channels.layers import channel_layers
from playwright.sync_api import Page

from helpdesk.asgi import application
from tests.plugins.browser import _Server

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Lamps</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/shop.css">
<script src="{server}/widget.js" data-key="{key}" async></script></head>
<body><main><h1>Lamps</h1><p>All kinds of lamps.</p><p><a href="/other">More</a></p></main></body></html>"""
STYLE = ":root { color-scheme: light dark } body { font: 18px/1.6 Georgia, serif; margin: 10vh auto }"
POLICY = "default-src 'none'; style-src 'self'; script-src {server}; connect-src {server} {sockets}"


class Shop(ThreadingHTTPServer):
    """Somebody else's site with a strict policy, in which the widget is embedded."""

    def __init__(self, server: str, key: str, language: str = "en") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page = PAGE.format(server=server, key=key, language=language).encode()
        self.policy = POLICY.format(server=server, sockets=server.replace("http", "ws"))
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        is_style = self.path.endswith(".css")
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if is_style else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(STYLE.encode() if is_style else self.server.page)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def shop(server: str, key: str, language: str = "en") -> Iterator[Shop]:
    """Open the shop."""
    opened = Shop(server, key, language)
    thread = threading.Thread(target=opened.serve_forever, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        opened.shutdown()
        opened.server_close()
        thread.join(10)


class Helpdesk:
    """Pages and sockets on one port, which can go away and come back."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        channel_layers.backends.clear()
        self._server = _Server(
            uvicorn.Config(application, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        )
        run = {"sockets": [listener]}
        self._thread = threading.Thread(target=self._server.run, kwargs=run, daemon=True)
        self._thread.start()
        assert self._server.listening.wait(10)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
            assert not self._thread.is_alive()


def write(page: Page, text: str) -> None:
    """Write a line into the window and send it with the keyboard."""
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def lines(page: Page) -> list[str]:
    """Return the texts of the conversation as the window shows them."""
    return page.get_by_role("log").locator(".text").all_inner_texts()
