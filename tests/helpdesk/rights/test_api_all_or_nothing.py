"""A write that is refused late has changed nothing."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.world import World

BODIES: dict[tuple[str, str], Any] = {
    ("api:tickets", "post"): {
        "queue": "refunds", "customer": {"email": "new@x.example"}, "subject": "Lamp", "text": "Broken.",
    },
    ("api:ticket", "patch"): {"subject": "Lamp", "priority": 3, "queue": "refunds"},
    ("api:ticket_state", "put"): {"state": "solved"},
    ("api:ticket_spam", "put"): {"is_spam": True},
    ("api:messages", "post"): {"kind": "out", "text": "On its way."},
    ("api:customer", "patch"): {"name": "D. Petit", "notes": "Likes lamps."},
    ("routing_api:assignment", "put"): {"assignee": "bob@demo.example"},
    ("routing_api:assignment", "delete"): None,
}  # fmt: skip
NOT_OURS = ("tickets_ratebucket", "tickets_apikey")  # counted and noted before the work begins


@pytest.fixture
def here(cast) -> World:
    return world.build(cast)


def test_the_table_has_every_write():
    assert BODIES.keys() == {
        (name, method)
        for name, _path, resource in asking.api_routes()
        for method in ("post", "put", "patch", "delete")
        if hasattr(resource, method)
    }


def send(here: World, name: str, method: str, body: object, **headers: str):
    path = next(path for route, path, _resource in asking.api_routes() if route == name)
    client = Client(
        headers={"Authorization": f"Bearer {here.keys['alice']}", **headers}, raise_request_exception=False
    )
    raw = json.dumps(body) if body is not None else ""
    address = path.format(**here.arguments(name))
    return client.generic(method.upper(), address, raw, content_type="application/json")


def picture() -> dict[str, int]:
    """Return a hash of each table's rows."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t not in NOT_OURS]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT sum(hashtextextended(t::text, 0)) FROM "{table}" t')
            found[table] = cursor.fetchone()[0]
    return found


class Refuses:
    """Fails the n-th statement that writes, as a database does."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def __call__(self, execute, sql, *rest):
        is_write = any(verb in str(sql).upper() for verb in ("INSERT INTO", "UPDATE ", "DELETE FROM"))
        if is_write and not any(table in str(sql) for table in NOT_OURS):
            self.seen += 1
            if self.seen == self.at:
                raise DatabaseError("refused by the test")
        return execute(sql, *rest)


def test_whichever_statement_fails_nothing_is_left(here):
    left = []
    for (name, method), body in BODIES.items():
        with transaction.atomic():
            before, at = picture(), 0
            while True:
                at += 1
                refuses = Refuses(at)
                with connection.execute_wrapper(refuses):
                    answer = send(here, name, method, body, **{"Idempotency-Key": "k"})
                if refuses.seen < at:
                    break
                if answer.status_code < 500 or picture() != before:
                    left.append((name, method, at, answer.status_code))
            assert (name, answer.status_code < 300, at > 2) == (name, True, True)
            transaction.set_rollback(True)
    assert left == []


LATE = [
    ("api:ticket", "patch", {"subject": "Lamp", "queue": "legal"}),
    ("api:ticket", "patch", {"subject": "Lamp", "priority": 9}),
    ("api:ticket", "patch", {"queue": "refunds", "assignee": "bob@demo.example"}),
    ("api:customer", "patch", {"name": "X", "time_zone": "Mars/Olympus"}),
    ("api:tickets", "post", {**BODIES["api:tickets", "post"], "queue": "legal"}),
    ("api:messages", "post", {"kind": "out", "text": "x", "then": "closed"}),
    ("routing_api:assignment", "put", {"assignee": "mallory@demo.example"}),
]


def test_a_refusal_leaves_nothing(here):
    before = picture()
    for (name, method, body), headers in product(LATE, ({}, {"Idempotency-Key": "k"})):
        assert 400 <= send(here, name, method, body, **headers).status_code < 500
    assert picture() == before


def test_a_body_where_none_is_taken_undoes_the_work(here):
    before = picture()
    assert send(here, "routing_api:assignment", "delete", {"insist": True}).status_code == 400
    assert picture() == before


def test_a_switched_off_queue_takes_no_ticket_from_anybody(here):
    queue = here.cast.refunds
    queue.is_active = False
    queue.save(update_fields=["is_active"])
    answers = [
        send(here, "api:ticket", "patch", {"queue": "refunds"}),
        send(here, "api:tickets", "post", BODIES["api:tickets", "post"]),
    ]
    assert [answer.json()["code"] for answer in answers] == ["unknown_queue"] * 2
    client = Client()
    client.force_login(here.cast.alice)
    client.post(reverse("desk:queue", args=[here.ticket.pk]), {"queue": queue.pk})
    here.ticket.refresh_from_db()
    assert here.ticket.queue_id == here.cast.orders.pk
