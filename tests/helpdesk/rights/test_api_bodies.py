"""Whatever is sent as a body, every resource answers 4xx with a code and a sentence, and writes nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.world import World
from tickets.models import Event

JSON = "application/json"
# For each a name, the bytes and the content type; {field} is one that the resource's body has.
ODD = {
    "nested deep": (b'{"%s": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", JSON),
    "objects nested deep": (b'{"%s": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}", JSON),
    "nested a little": (b'{"%s": ' + b"[" * 30 + b"]" * 30 + b"}", JSON),
    "never closed": (b'{"%s": ' + b"[" * 50_000, JSON),
    "NaN": (b'{"%s": NaN}', JSON),
    "Infinity": (b'{"%s": -Infinity}', JSON),
    "huge exponent": (b'{"%s": 1e400}', JSON),
    "huge number": (b'{"%s": 9223372036854775808}', JSON),
    "very long number": (b'{"%s": ' + b"9" * 10_000 + b"}", JSON),
    "NUL": (b'{"%s": "a\\u0000b"}', JSON),
    "raw NUL": (b'{"%s": "a\x00b"}', JSON),
    "NUL in a name": (b'{"%s\\u0000": "a"}', JSON),
    "lone surrogate": (b'{"%s": "a\\ud800b"}', JSON),
    "surrogates turned round": (b'{"%s": "\\udc00\\ud800"}', JSON),
    "surrogate in a name": (b'{"%s": 1, "\\udfff": "a"}', JSON),
    "surrogate in UTF-8": (b'{"%s": "\xed\xa0\x80"}', JSON),
    "no UTF-8": (b'{"%s": "\xff\xfe"}', JSON),
    "UTF-16": ('{"x": "a"}'.encode("utf-16"), JSON),
    "a name twice": (b'{"%s": "a", "%s": "b"}', JSON),
    "no JSON": (b"{", JSON),
    "a list": (b'[{"%s": "a"}]', JSON),
    "null": (b"null", JSON),
    "a text": (b'"%s"', JSON),
    "a number": (b"7", JSON),
    "nothing but spaces": (b"   ", JSON),
    "another type": (b"%s=a", "application/x-www-form-urlencoded"),
    "no type": (b'{"%s": "a"}', ""),
    "an odd type": (b'{"%s": "a"}', "application/json/x;;"),
    "XML": (b"<a/>", "text/xml"),
    "another charset": (b'{"%s": "a"}', JSON + "; charset=utf-16"),
    "a charset that is none": (b'{"%s": "a"}', JSON + "; charset=rot13"),
    "an unknown charset": (b'{"%s": "a"}', JSON + "; charset=nonsense"),
    "too large": (b'{"%s": "' + b"a" * 2_200_000 + b'"}', JSON),
    "an object for a value": (b'{"%s": {"a": 1}}', JSON),
    "a list for a value": (b'{"%s": ["open", 7]}', JSON),
}


@pytest.fixture
def here(cast) -> World:
    return world.build(cast)


def writes():
    """Go through (path, method, one field of the body) of all that takes a body."""
    for name, path, resource in asking.api_routes():
        for method, form in resource.bodies.items():
            yield name, path, method, next(iter(form().fields))


def test_an_odd_body_is_refused_by_all(here):
    before, wrong = Event.objects.count(), []
    client = Client(headers={"Authorization": f"Bearer {here.keys['alice']}"}, raise_request_exception=False)
    for odd, name, path, method, field in ((odd, *found) for odd in ODD for found in writes()):
        raw, content_type = ODD[odd][0].replace(b"%s", field.encode()), ODD[odd][1]
        answer = client.generic(method.upper(), path.format(**here.arguments(name)), raw, content_type)
        is_told = answer["Content-Type"] == JSON and {"code", "detail"} <= set(answer.json())
        if not (400 <= answer.status_code < 500 and is_told):
            wrong.append((odd, name, method, answer.status_code, answer.content[:200]))
    assert wrong == []
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "name", ["Authorization", "Idempotency-Key", "X-Anything", "Cookie", "Accept-Language"]
)
def test_a_header_with_a_nul_is_refused(here, name):
    client = Client(headers={"Authorization": f"Bearer {here.keys['alice']}"}, raise_request_exception=False)
    assert 400 <= client.get("/api/v1/tickets/", headers={name: "a\x00b"}).status_code < 500


@pytest.mark.parametrize("secret", ["tdm_\x00", "tdm_é", "x", "tdm_", "tdm_a b", "", "\ud800"])
def test_an_odd_key_is_no_key(here, secret):
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/tickets/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code in (400, 401)


def test_another_accept_is_answered_in_json(here):
    client = Client(headers={"Authorization": f"Bearer {here.keys['alice']}", "Accept": "text/html"})
    assert client.get("/api/v1/tickets/").headers["Content-Type"] == JSON


@pytest.mark.parametrize("path", ["nope/", "tickets/x/", "tickets/99999999999999999999999/", "tickets/%00/"])
def test_an_address_that_is_none_is_told_in_json(here, path):
    client = Client(headers={"Authorization": f"Bearer {here.keys['alice']}"}, raise_request_exception=False)
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
