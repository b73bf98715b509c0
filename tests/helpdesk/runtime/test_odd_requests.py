"""Requests that Django refuses before any view, asked of both kinds of server: a 4xx, and little work."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.test import Client

from helpdesk.runtime import sizes

WORDS = b"application/x-www-form-urlencoded"
ODD_TYPES = {
    "another charset": (WORDS + b"; charset=utf-7", 415),
    "no charset": (b"multipart/form-data; boundary=b; charset=zlib", 415),
    "far too many parameters": (b"multipart/form-data; " + b"a=b; " * 3000, 415),
    "a very long boundary": (b"multipart/form-data; boundary=" + b"b" * 20_000, 415),
}


def ask(path: str, body: bytes, kind: bytes, *, length: int | None = None) -> tuple[int, bytes]:
    """Ask the application as the embedded server does; without `length` the body comes in chunks."""
    headers = [(b"host", b"127.0.0.1"), (b"content-type", kind)]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": headers, "client": ("192.0.2.1", 1), "scheme": "http",
        "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def conversation() -> tuple[int, bytes]:
        application = ApplicationCommunicator(ASGIHandler(), scope)
        await application.send_input({"type": "http.request", "body": body})
        start: Any = await application.receive_output(30)
        end: Any = await application.receive_output(30)
        return start["status"], end["body"]

    return asyncio.run(conversation())


@pytest.mark.parametrize("name", ODD_TYPES)
@pytest.mark.parametrize("path", ["/request/", "/accounts/login/", "/nowhere/", "/api/v1/tickets/"])
def test_an_odd_content_type_is_4xx_in_words(transactional_db: None, cast: object, name: str, path: str):
    kind, status = ODD_TYPES[name]
    assert ask(path, b"a=b", kind, length=3)[0] == status
    client = Client(raise_request_exception=False)
    assert client.generic("POST", path, b"a=b", content_type=kind.decode()).status_code == status


@pytest.mark.parametrize("is_chunked", [False, True], ids=["announced", "in chunks"])
def test_a_form_of_too_many_words_is_refused_unread(transactional_db: None, cast: object, is_chunked: bool):
    body = b"a=" + b"%41" * 3_000_000
    began = time.process_time()
    status, _page = ask("/request/", body, WORDS, length=None if is_chunked else len(body))
    assert status == 413
    assert time.process_time() - began < 0.5


def test_the_longest_text_is_read(transactional_db: None, cast: object):
    body = b"text=" + b"%F0%9F%98%80" * 200_000
    assert len(body) < sizes.WORDS_BYTES
    assert ask("/request/", body, WORDS, length=len(body))[0] == 403, "only its token is missing"


def test_a_body_in_chunks_has_the_limits_of_any_other(transactional_db: None, cast: object, settings: Any):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert ask("/accounts/login/", b"login=" + b"a" * 500, WORDS)[0] == 403
    assert ask("/accounts/login/", b"login=" + b"a" * 2000, WORDS)[0] == 400
