"""A canary in every place a token may stand in: it never reaches a log, whatever is asked, however it ends.

The addresses come from the URL configuration itself, so that a new one is asked too. One whose pattern does
not take the canary fails the test until it is looked at.
"""

import logging
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.handlers.base import BaseHandler
from django.db import IntegrityError
from django.http import Http404
from django.test import Client
from django.urls import ResolverMatch, URLResolver, get_resolver, reverse

from helpdesk.asgi import application
from helpdesk.logs import lines as logs
from helpdesk.sockets import websocket_urlpatterns
from routing.workforce import ical
from tests import make
from tests.routing.scene import there
from tickets.channels.email.outbound import pictures
from tickets.clock import database_now
from tickets.customers import links
from tickets.errors import DomainError

CANARY = "canary7q9zkw3m"  # of fourteen small letters and digits, as our ids are: every pattern takes it
FIXED = re.compile(r"\(\?P<\w+>[\w|]+\)")  # only words of ours fit
GROUP = re.compile(r"\(\?P<\w+>(?:[^()\[\]]|\[[^\]]*\])*\)")
CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")
CARRIES = {
    "HTTP_REFERER": f"http://testserver/r/{CANARY}/?token={CANARY}",
    "HTTP_COOKIE": f"requests={CANARY}; csrftoken={CANARY}; sessionid={CANARY}",
    "HTTP_AUTHORIZATION": f"Bearer {CANARY}",
    "HTTP_USER_AGENT": f"{CANARY}/1.0 token={CANARY}",
}


def routes(patterns, before=""):
    for pattern in patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, whole)
        else:
            yield whole


def filled(route):
    """Return a path of a route with the canary filled in; nothing where only words of ours fit."""
    if FIXED.search(route):
        return ""
    named = CONVERTER.sub(lambda found: "7" if found[1] == "int" else CANARY, GROUP.sub(CANARY, route))
    return "/" + re.sub(r"[\^$\\]", "", named)


EVERY = [path for path in map(filled, routes(get_resolver().url_patterns)) if path]
WITH_TOKEN = [path for path in EVERY if CANARY in path]
SOCKETS = list(map(filled, routes(websocket_urlpatterns)))


@pytest.fixture
def lines():
    """Collect what all loggers write, at every level, as our formatter writes it."""
    written = []
    handler = logging.Handler()
    handler.setFormatter(logs.Formatter())
    handler.emit = lambda record: written.append(handler.format(record))
    root = logging.getLogger()
    loggers = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    before = [(logger, logger.level, logger.propagate, logger.disabled) for logger in loggers]
    for logger, *_rest in before:
        logger.setLevel(logging.DEBUG)
        logger.propagate, logger.disabled = True, False
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)
    for logger, level, propagate, disabled in before:
        logger.setLevel(level)
        logger.propagate, logger.disabled = propagate, disabled


def leaks(written):
    return [line for line in written if CANARY in line.lower()]


def ask(client, path, written):
    """Ask an address in every way; return the lines that hold the canary."""
    query = f"?key={CANARY}&token={CANARY}&{CANARY}"
    body = {"token": CANARY, "key": CANARY, "email": f"{CANARY}@petit.example", "code": CANARY}
    client.get(path + query, **CARRIES)
    client.post(path + query, body, **CARRIES)
    client.post(path + query, body, content_type="application/json", **CARRIES)
    client.generic("PUT", path + query, CANARY, **CARRIES)
    client.generic(CANARY, path + query, **CARRIES)
    return leaks(written)


def test_the_addresses_with_tokens_that_we_know_are_among_those_asked():
    asked = "\n".join(WITH_TOKEN)
    for start in (
        "/r/",
        "/s/",
        "/s/off/",
        "/first/",
        "/accounts/invitation/",
        "/requests/enter/",
        "/routing/calendar/",
        "/accounts/password/reset/key/",
        "/channels/email/",
    ):
        assert f"\n{start}{CANARY}" in asked


def test_every_pattern_takes_the_canary():
    resolver = get_resolver()
    for path in WITH_TOKEN:
        resolver.resolve(path)


@pytest.mark.parametrize("path", [path for path in WITH_TOKEN if not path.startswith("/admin/")])
def test_no_canary_in_the_log_of_a_stranger(path, lines, db):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert ask(client, path, lines) == []
    assert ask(client, path.rstrip("/"), lines) == []
    assert lines


def test_no_canary_in_the_log_of_an_administrator(lines, cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.admin)
    for path in WITH_TOKEN:
        if path.startswith("/admin/"):
            client.get(
                f"{path}?key={CANARY}&_changelist_filters={CANARY}", HTTP_REFERER=CARRIES["HTTP_REFERER"]
            )
    assert leaks(lines) == []


@pytest.mark.parametrize(
    "path", [path for path in EVERY if "/admin/" not in path and CANARY not in path][:120]
)
def test_no_canary_of_a_query_or_body_in_the_log(path, lines, db):
    assert ask(Client(enforce_csrf_checks=True, raise_request_exception=False), path, lines) == []


@pytest.mark.parametrize(
    "kind",
    [
        ValueError,
        SuspiciousOperation,
        PermissionDenied,
        Http404,
        BadRequest,
        IntegrityError,
        DomainError,
        UnicodeError,
        KeyError,
        RuntimeError,
    ],
)
def test_no_canary_of_an_exception_in_the_log(kind, lines, db, monkeypatch):
    def view(request, **_given):
        try:
            raise LookupError(f"{CANARY} first")
        except LookupError as first:
            error = kind(f"bad {CANARY}")
            error.add_note(CANARY)
            raise error from first

    monkeypatch.setattr(BaseHandler, "resolve_request", lambda _self, _request: ResolverMatch(view, (), {}))
    client = Client(raise_request_exception=False)
    assert ask(client, f"/r/{CANARY}/", lines) == []
    assert any('"level": "error"' in line or '"level": "warning"' in line for line in lines)


def test_an_exception_is_found_by_its_kind_and_place(lines, db, monkeypatch):
    def view(request, **_given):
        raise ValueError(CANARY)

    monkeypatch.setattr(BaseHandler, "resolve_request", lambda _self, _request: ResolverMatch(view, (), {}))
    Client(raise_request_exception=False).get(f"/r/{CANARY}/")
    assert any("builtins.ValueError" in line and Path(__file__).name in line for line in lines)


@pytest.mark.parametrize("path", SOCKETS)
async def test_no_canary_in_the_log_of_a_socket(path, lines, transactional_db):
    scope = {
        "type": "websocket",
        "path": path or "/",
        "headers": [(b"origin", b"http://evil.example"), (b"cookie", CANARY.encode())],
        "query_string": f"key={CANARY}".encode(),
        "subprotocols": [],
        "client": ("127.0.0.1", 1),
    }
    socket = ApplicationCommunicator(application, scope)
    await socket.send_input({"type": "websocket.connect"})
    await socket.receive_output(5)
    assert leaks(lines) == []


@pytest.mark.parametrize(
    ("logger", "text", "args"),
    [
        (
            "uvicorn.error",
            '%s - "WebSocket %s" [accepted]',
            ("127.0.0.1:1", f"/ws/chat/{CANARY}/?key={CANARY}"),
        ),
        ("uvicorn.access", '%s - "%s %s HTTP/%s" %d', ("1.1.1.1", "GET", f"/r/{CANARY}?{CANARY}", "1", 200)),
        ("gunicorn.error", f"Invalid request from ip=::1: Invalid Request Line '{CANARY} {CANARY}'", ()),
        ("gunicorn.error", "Error handling request %s", (f"/r/{CANARY}/?{CANARY}",)),
        ("django.request", "%s: %s", ("Not Found", f"/r/two words {CANARY}/")),
        ("django.server", '"%s" %s %s', (f"GET /r/{CANARY}/ HTTP/1.1", "200", "5")),
        (
            "django.security.csrf",
            "Forbidden (%s): %s",
            (f"Referer failed - https://x/{CANARY}", f"/r/{CANARY}/"),
        ),
        (
            "celery.app.trace",
            "Task %(name)s raised: %(exc)s\n%(traceback)s",
            (
                {
                    "name": "a.b",
                    "exc": f"ValueError('{CANARY}')",
                    "traceback": f"Traceback\n{CANARY}",
                    "args": f"[{CANARY}]",
                },
            ),
        ),
        ("celery.worker.strategy", f"Received task a.b args=['{CANARY}x12345']", ()),
        ("x", {"a": CANARY}, ()),
    ],
)
def test_a_library_s_line_is_masked(logger, text, args, lines):
    logging.getLogger(logger).propagate = True
    logging.getLogger(logger).setLevel(logging.DEBUG)
    logging.getLogger(logger).error(
        text, *args, extra={"data": {"args": [CANARY + "12345678"]}, "request": object()}
    )
    assert lines
    assert leaks(lines) == []


@pytest.mark.parametrize(
    ("text", "args", "extra"),
    [
        ("%d things", (CANARY,), {}),
        ("%(a)s", (CANARY,), {}),
        ("odd", (), {"data": type("Odd", (), {"__repr__": lambda _self: CANARY})()}),
        ("odd", (), {CANARY + "12345678": "x"}),
    ],
)
def test_a_record_that_cannot_be_formatted_is_not_written_as_it_is(text, args, extra):
    record = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, text, args, None, extra=extra)
    assert leaks([logs.Formatter().format(record)]) == []


def test_a_refused_invitation_is_logged_without_its_token(lines, db):
    Client().post(reverse("accept_invitation", args=[CANARY]))
    finished = [line for line in lines if "request_finished" in line]
    assert (
        "/accounts/invitation/…/" in finished[0].encode().decode("unicode_escape") or "\\u2026" in finished[0]
    )
    assert leaks(lines) == []


@pytest.fixture
def genuine(cast, now):
    """Return addresses whose tokens work, with the tokens."""
    participant = make.ticket(cast.web, cast.dana).participants.first()
    address = links.make_request_url(participant, now=database_now())
    every = links.make_all_requests_url(cast.dana.identities.get(), now=database_now())
    feed = ical.create_subscription_token(there(cast.alice))
    picture = pictures.sign_query("https://10.0.0.1/a.png", asked_by="1", now=database_now())
    mac = parse_qs(picture)["mac"][0]
    return [
        *((urlsplit(url).path, urlsplit(url).path.strip("/").split("/")[-1]) for url in (address, every)),
        (reverse("routing:calendar", args=[feed]), feed),
        (f"{reverse('desk:picture')}?{picture}", mac),
    ]


def test_a_token_that_works_is_in_no_line(genuine, lines):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for path, token in genuine:
        assert len(token) >= 20
        statuses = {client.generic(method, path).status_code for method in ("GET", "POST", "PUT")}
        assert statuses
        assert not [line for line in lines if token in line]
