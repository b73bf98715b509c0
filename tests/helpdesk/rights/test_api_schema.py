"""The API keeps to its description: asked by Schemathesis as an agent, a supervisor and without a key."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.test_api_all_or_nothing import BODIES
from tests.helpdesk.rights.world import World

HELD = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25  # of an operation, a person and a mode; some 2,400 requests in all
SEEDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def here(cast):
    logging.disable(logging.CRITICAL)
    yield world.build(cast)
    logging.disable(logging.NOTSET)


@pytest.fixture
def described(db) -> Any:
    document = Client().get("/api/schema/?format=json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    for signal in (request_started, request_finished):  # the test's connection is the request's
        signal.disconnect(close_old_connections)
    yield schema
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations(described) -> list[Any]:
    return [found.ok() for found in described.get_all_operations()]


def hold(here: World, operation: Any, who: str, mode: GenerationMode) -> None:
    """Ask an operation in many ways, half of them about what is there, and check each answer."""
    headers = {"Authorization": f"Bearer {here.keys[who]}"} if who else {}
    held = [*HELD, negative_data_rejection] if mode is GenerationMode.NEGATIVE else HELD
    there = {"number": here.ticket.pk, "public_id": here.cast.dana.public_id, "slug": "fcr"}

    @SEEDED
    @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
    def ask(case: Any, is_there: bool) -> None:
        if is_there and mode is GenerationMode.POSITIVE:
            case.path_parameters = {name: there[name] for name in case.path_parameters}
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        if not who:
            assert response.status_code in (400, 401, 404, 405, 415)
        # A text beyond the longest may make a body beyond the largest, which is refused before it is read.
        wanted = HELD if response.status_code == 413 else held
        case.validate_response(response, checks=wanted, headers=headers)

    ask()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("who", ["alice", "carol", ""], ids=["agent", "supervisor", "nobody"])
def test_every_answer_is_as_described(here, described, who, mode):
    for operation in operations(described):
        hold(here, operation, who, mode)


def test_what_succeeds_is_as_described(here, described):
    """Requests that are right, one for each operation, and the status and shape that is promised for them."""
    paths = {name: path for name, path, _resource in asking.api_routes()}
    asked: list[tuple[str, str, Any]] = [(name, "get", None) for name in paths if "assignment" not in name]
    asked = [pair for pair in asked if pair[0] not in ("api:ticket_state", "api:ticket_spam")]
    asked += [(name, method, body) for (name, method), body in BODIES.items()]
    headers = {"Authorization": f"Bearer {here.keys['alice']}"}
    for name, method, body in asked:
        operation = described[paths[name]][method.upper()]
        there = {field: here.arguments(name)[field] for field in re.findall(r"{(\w+)}", paths[name])}
        given_body: dict[str, Any] = {} if body is None else {"body": body, "media_type": "application/json"}
        with transaction.atomic():
            answer = operation.Case(path_parameters=there, **given_body).call(headers=headers)
            transaction.set_rollback(True)
        assert 200 <= answer.status_code < 300, (name, method, answer.content)
        operation.validate_response(answer)


def test_every_operation_is_described(described):
    """What the resources answer and what the description tells are the same operations."""
    told = {(operation.path, operation.method.lower()) for operation in operations(described)}
    there = {
        (path, method)
        for _name, path, resource in asking.api_routes()
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(resource, method)
    }
    assert told == there
