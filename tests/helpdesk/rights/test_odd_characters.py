"""Every address, asked with what PostgreSQL cannot store in path, parameters and form: no fault of ours."""

from __future__ import annotations

import logging
from string import Formatter

import pytest
from django.db import transaction
from django.test import Client

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.world import World

# Names of parameters and fields that the pages read, in whichever page.
NAMES = [
    "q",
    "who",
    "person",
    "text",
    "subject",
    "body",
    "email",
    "name",
    "phone",
    "queue",
    "number",
    "to",
    "cc",
    "tags",
    "notes",
    "state",
    "priority",
    "motive",
    "kind",
    "then",
    "slug",
    "from",
    "until",
    "day",
    "days",
    "page",
    "channel",
    "part",
    "window",
    "weekday",
    "hour",
    "at",
    "send_at",
    "note",
    "reason",
    "summary",
    "agent",
    "language",
    "time_zone",
    "password",
    "login",
    "token",
    "next",
    "rating",
    "score",
    "comment",
    "key",
    "client_id",
    "cursor",
    "place",
    "value",
    "answer",
    "title",
    "url",
    "model_name",
    "app_label",
    "field_name",
    "term",
    "_to_field",
    "_popup",
    "o",
    "p",
    "all",
    "e",
    "action",
    "select_across",
    "_selected_action",
    "_changelist_filters",
    "file_name",
    "draft",
    "seen_seq",
    "opened_at",
    "version",
    "zone",
    "variants",
    "first_day",
    "last_day",
    "repetitions",
    "id",
    "choice",
    "consent",
    "website",
]
VALUES = {"NUL": "a\x00b", "a number that is none": "²"}
ROLES = ("admin", "dana")
ODD_PATHS = ("a%00b", "9223372036854775808", "%C2%B2")


@pytest.fixture
def here(cast):
    logging.disable(logging.CRITICAL)  # thousands of refusals
    yield world.build(cast)
    logging.disable(logging.NOTSET)


def faults(here: World, role: str, values: dict[str, str]) -> list[tuple[str, ...]]:
    """Ask every address with each value in every parameter, then in every field."""
    found: list[tuple[str, ...]] = []
    client = Client(raise_request_exception=False, headers={"Accept": "text/html"})
    for name, path, _pattern in asking.routes():
        address = "/" + path.format(**here.arguments(name))
        for kind, value in values.items():
            if role == "dana" and name.startswith(("admin:", "desk:")):
                continue  # the sign-in page answers her
            form = dict.fromkeys(NAMES, value)
            for ask in (client.get, client.post):
                client.cookies.load(here.cookies[role])
                with transaction.atomic():
                    status = ask(address, form).status_code
                    transaction.set_rollback(True)
                if status >= 500:
                    found.append((ask.__name__, name, kind, str(status)))
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_parameter_and_no_field_is_a_fault_of_ours(here, role):
    assert faults(here, role, VALUES) == []


def test_no_path_is_a_fault_of_ours(here):
    found = []
    client = Client(raise_request_exception=False)
    client.cookies.load(here.cookies["admin"])
    for name, path, _pattern in asking.routes():
        arguments = [field for _text, field, _format, _kind in Formatter().parse(path) if field]
        for odd in ODD_PATHS if arguments else ():
            address = "/" + path.format(**dict.fromkeys(arguments, odd))
            for method in ("GET", "POST"):
                with transaction.atomic():
                    status = client.generic(method, address).status_code
                    transaction.set_rollback(True)
                if status >= 500:
                    found.append((method, name, odd, status))
    assert found == []


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-7", "rot13", "unicode_escape", "base64", "idna", "undefined"]
)
def test_charsets_that_nobody_should_send_are_refused(here, charset):
    client = Client(raise_request_exception=False)
    client.cookies.load(here.cookies["carol"])
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
        for method, address in (("GET", "/admin/desk/people/?q=a"), ("POST", "/preferences/")):
            answer = client.generic(method, address, b"a=%5Cud800", content_type=f"{kind}; charset={charset}")
            assert 400 <= answer.status_code < 500
