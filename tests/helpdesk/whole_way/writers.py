"""Customers who do not give up: each sends again, the same thing, until it is acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import json
import re
import smtplib
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.helpdesk.whole_way.dana import mail
from tests.helpdesk.whole_way.house import House
from tests.tickets.channels.phone.told import headers_of, incoming

TRIES_FOR = 240.0  # seconds; only a failing test needs them all
PAUSE = 0.4
TOKEN = re.compile(r'name="token" value="([\w-]+)"')
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
FAULTS = (OSError, WebSocketException, smtplib.SMTPException, http.client.HTTPException, EOFError)


class Unlucky(OSError):
    """The server did not take it this time."""


def until_it_works[T](attempt: Callable[[], T], what: str) -> T:
    """Try again after every fault of line or server, as browsers, mail servers and providers do."""
    deadline = time.monotonic() + TRIES_FOR
    while True:
        try:
            return attempt()
        except FAULTS as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} was never acknowledged") from error
            time.sleep(PAUSE)


class Web:
    """A browser without a screen: cookies, and an address of its own behind the proxy."""

    def __init__(self, house: House, place: int) -> None:
        self.url, self.address = house.url, f"198.51.100.{place}"
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        return self._ask(path, None)[1]

    def post(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, str]:
        return self._ask(path, urllib.parse.urlencode(fields).encode(), **headers)

    def _ask(self, path: str, data: bytes | None, **headers: str) -> tuple[int, str]:
        known = {"X-Forwarded-For": self.address, "Referer": self.url + path, "Origin": self.url}
        asked = urllib.request.Request(self.url + path, data=data, headers={**known, **headers})
        try:
            with self._opener.open(asked, timeout=8) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise _fault_of(error) from error
            return error.code, error.read().decode()


def send_form(house: House, place: int, text: str) -> None:
    """Fill in the form once and send it until the page says thanks; its hidden token makes it one."""
    web = Web(house, place)
    page = until_it_works(lambda: web.get("/request/"), "the form")
    token, csrf = TOKEN.search(page), CSRF.search(page)
    assert token
    assert csrf
    fields = {"token": token[1], "csrfmiddlewaretoken": csrf[1], "email": f"form{place}@petit.example"}
    fields |= {"subject": text, "text": text}
    status, page = until_it_works(lambda: web.post("/request/", fields), text)
    assert status == 200, page
    assert "Thank you, we have your message" in page, page


def send_mail(house: House, place: int, text: str) -> None:
    """Be a mail server: one Message-ID, until it is told 250."""
    written = mail(text, text)
    del written["From"]
    written["From"] = f"mail{place}@petit.example"

    def attempt() -> None:
        with smtplib.SMTP("127.0.0.1", house.smtp_port, timeout=8) as client:
            client.send_message(written)

    until_it_works(attempt, text)


def report_call(house: House, place: int, text: str) -> None:
    """Be a phone provider: one event id, until it is told 200."""
    number = f"+3363998{place:04d}"
    raw = json.dumps(incoming("call.missed", call_id=text, number=number)).encode()

    def attempt() -> None:
        signed = headers_of(house.keys["secret"], raw, event_id=text, at=datetime.now(UTC))
        path = f"/channels/phone/{house.keys['phone']}/"
        asked = urllib.request.Request(house.url + path, data=raw, headers=signed)
        try:
            with urllib.request.urlopen(asked, timeout=8) as answer:
                assert answer.status == 200
        except urllib.error.HTTPError as error:
            raise _fault_of(error) from error

    until_it_works(attempt, text)


class Visitor:
    """A chat window: client ids, the last number it has, and what it has been told."""

    def __init__(self, house: House, place: int) -> None:
        self.house, self.address = house, f"198.51.100.{place}"
        self.token, self.conversation, self.last = "", "", 0
        self.lines: dict[int, str] = {}
        self.acknowledged: set[str] = set()
        self._is_welcome = False

    def say_all(self, texts: list[str], pause: float) -> None:
        """Say one thing after another, each until it is acknowledged."""
        for text in texts:
            client_id = str(uuid4())
            until_it_works(lambda client_id=client_id, text=text: self._say(client_id, text), text)
            time.sleep(pause)

    def sees(self, text: str) -> None:
        """Come back until the window shows this."""

        def look() -> None:
            with self._window() as socket:
                while text not in self.lines.values():
                    self._take(json.loads(socket.recv(timeout=8)))

        until_it_works(look, f"a window that shows “{text}”")

    def _say(self, client_id: str, text: str) -> None:
        with self._window() as socket:
            socket.send(json.dumps({"type": "say", "client_id": client_id, "text": text}))
            while client_id not in self.acknowledged:
                self._take(json.loads(socket.recv(timeout=8)))

    @contextlib.contextmanager
    def _window(self) -> Iterator[ClientConnection]:
        """Open the window; as in the widget, nothing is said before the welcome has brought a token."""
        url = self.house.url.replace("http", "ws") + f"/ws/chat/{self.house.keys['chat']}/"
        hello = {"type": "hello", "token": self.token, "conversation": self.conversation, "last": self.last}
        with connect(
            url,
            origin=Origin(self.house.url),
            additional_headers={"X-Forwarded-For": self.address},
            open_timeout=8,
            close_timeout=1,
        ) as socket:
            socket.send(json.dumps({**hello, "language": "en", "page": self.house.url}))
            self._is_welcome = False
            while not self._is_welcome:
                self._take(json.loads(socket.recv(timeout=8)))
            yield socket

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "welcome":
            self.token, self._is_welcome = frame["token"] or self.token, True
        elif frame["type"] == "messages":
            self.conversation, self.last = frame["conversation"], frame["upto"]
            for line in frame["lines"]:
                assert line["seq"] not in self.lines, "told twice"
                self.lines[line["seq"]] = line["text"]
        elif frame["type"] == "ack":
            self.acknowledged.add(frame["client_id"])
        elif frame["type"] == "refused":
            raise Unlucky(frame["code"])


def _fault_of(error: urllib.error.HTTPError) -> Exception:
    """Tell what may be tried again from what the server refuses."""
    return Unlucky(error.code) if error.code >= 500 else AssertionError(error.code, error.read())


class AtOnce:
    """Run things side by side; what fails in any of them fails the test."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def start(self, after: float, action: Callable[..., None], *arguments: Any) -> None:
        """Begin `action` after so many seconds."""
        thread = threading.Thread(target=self._run, args=(after, action, *arguments), daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(TRIES_FOR + 60)
            assert not thread.is_alive()
        if self.failures:
            raise self.failures[0]

    def _run(self, after: float, action: Callable[..., None], *arguments: Any) -> None:
        time.sleep(after)
        try:
            action(*arguments)
        except BaseException as error:  # noqa: BLE001  (told by join)
            self.failures.append(error)
