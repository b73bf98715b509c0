"""A row that is hidden answers as one that is not there: same status, same body, whatever field names it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from routing.workforce.agents import make_agent
from tests import make
from tests.helpdesk.rights import world
from tests.helpdesk.rights.world import World
from tickets.clock import database_now
from tickets.models import Queue

ABSENT = {
    "queue": "no-such-queue",
    "queue_id": 987_654,
    "ticket": 987_654,
    "customer": "nosuchperson99",
    "email": "absent@x.example",
    "assignee": "absent@demo.example",
    "person": 987_654,
}


@dataclass(frozen=True)
class Asked:
    """A request that names a row: `{}` stands for the name, in the address or the body."""

    method: str
    path: str
    names: str
    body: dict[str, Any] | None = None
    by: str = "alice"


TICKET = {"customer": {"email": "a@b.example"}, "subject": "s", "text": "t"}
API = [
    Asked("GET", "tickets/?queue={}", "queue"),
    Asked("GET", "tickets/?customer={}", "customer"),
    Asked("GET", "tickets/?assignee={}", "assignee"),
    Asked("GET", "customers/?email={}", "email"),
    Asked("GET", "customers/{}/", "customer"),
    Asked("PATCH", "customers/{}/", "customer", {"name": "x"}),
    Asked("PATCH", "customers/{}/", "customer", {"nonsense": "x"}),
    Asked("GET", "tickets/{}/", "ticket"),
    Asked("PATCH", "tickets/{}/", "ticket", {"subject": "x"}),
    Asked("PATCH", "tickets/{}/", "ticket", {"nonsense": "x"}),
    Asked("PUT", "tickets/{}/state/", "ticket", {"state": "solved"}),
    Asked("PUT", "tickets/{}/spam/", "ticket", {"is_spam": True}),
    Asked("GET", "tickets/{}/messages/", "ticket"),
    Asked("POST", "tickets/{}/messages/", "ticket", {"kind": "note", "text": "x"}),
    Asked("PUT", "tickets/{}/assignment/", "ticket", {"assignee": "me"}),
    Asked("DELETE", "tickets/{}/assignment/", "ticket"),
    Asked("POST", "tickets/", "queue", {"queue": "{}", **TICKET}),
    Asked("PATCH", "tickets/{number}/", "queue", {"queue": "{}"}),
    Asked("PATCH", "tickets/{number}/", "queue", {"queue": "{}", "subject": "Lamp"}),
    Asked("PUT", "tickets/{number}/assignment/", "assignee", {"assignee": "{}"}),
    Asked("PUT", "tickets/{number}/assignment/", "assignee", {"assignee": "{}", "insist": True}, by="carol"),
    Asked("GET", "metrics/fcr/?queue={}", "queue", by="carol"),
    Asked("GET", "metrics/fcr/?person={}", "person", by="carol"),
    Asked("GET", "metrics/fcr/tickets/?queue={}", "queue", by="carol"),
]


@pytest.fixture
def here(cast) -> World:
    built = world.build(cast)
    make_agent(cast.mallory, now=database_now())
    return built


@pytest.fixture
def hidden(here, cast) -> dict[str, Any]:
    """Return what nobody but Mallory sees: a queue, a ticket in it, its customer, and Mallory."""
    queue = Queue.objects.get(slug="legal")
    person = make.customer("Hidden Person", "hidden@x.example")
    ticket = make.ticket(make.channel("web", queue), person)
    ticket.queue = queue
    ticket.save(update_fields=["queue"])
    return {
        "queue": queue.slug,
        "queue_id": queue.pk,
        "ticket": ticket.pk,
        "customer": person.public_id,
        "email": "hidden@x.example",
        "assignee": cast.mallory.email,
        "person": cast.mallory.pk,
    }


def ask(here: World, asked: Asked, name: Any) -> tuple[int, str, int]:
    """Return status, body without the name that was asked for, and how many queries were run."""
    path = asked.path.replace("{number}", str(here.ticket.pk)).replace("{}", str(name))
    body = json.dumps(asked.body).replace("{}", str(name)) if asked.body is not None else ""
    client = Client(headers={"Authorization": f"Bearer {here.keys[asked.by]}"})
    with CaptureQueriesContext(connection) as queries:
        answer = client.generic(asked.method, f"/api/v1/{path}", body, content_type="application/json")
    return answer.status_code, answer.text.replace(str(name), "…"), len(queries)


def test_hidden_and_absent_answer_alike(here, hidden):
    unlike = []
    for asked in API:
        ask(here, asked, ABSENT[asked.names])  # what is composed on first use is composed
        answers = ask(here, asked, hidden[asked.names]), ask(here, asked, ABSENT[asked.names])
        if answers[0] != answers[1]:
            unlike.append((asked, answers))
    assert unlike == []


def test_the_table_asks_about_rows_that_are_there(here, hidden):
    """As Mallory, who sees them, the same names answer otherwise."""
    asked = Asked("GET", "tickets/{}/", "ticket", by="mallory")
    assert ask(here, asked, hidden["ticket"])[0] == 200
    assert ask(here, asked, ABSENT["ticket"])[0] == 404


@pytest.mark.parametrize(
    ("address", "field", "name"),
    [
        ("desk:queue", "queue", "queue_id"),
        ("desk:motive", "motive", "queue_id"),
    ],
)
def test_the_desk_answers_alike_too(here, hidden, address, field, name):
    client = Client()
    client.force_login(here.cast.alice)
    texts = []
    for value in (hidden[name], ABSENT[name]):
        answer = client.post(reverse(address, args=[here.ticket.pk]), {field: value})
        texts.append(
            (answer.status_code, re.sub(r"nonce=\"[^\"]+\"|csrf\S+|value=\"[^\"]+\"", "", answer.text))
        )
    assert texts[0] == texts[1]
    assert texts[0][0] == 404
