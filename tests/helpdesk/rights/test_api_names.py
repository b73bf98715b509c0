"""Every resource of the API knows the names it takes and refuses any other, whoever adds a new one."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.world import World
from tickets.api.base import ListResource, Resource
from tickets.models import Event

WRITING = ("post", "put", "patch", "delete")
ROUTES = asking.api_routes()
METHODS = [
    (name, method) for name, _path, there in ROUTES for method in ("get", *WRITING) if hasattr(there, method)
]
LISTS = [name for name, _path, there in ROUTES if issubclass(there, ListResource)]


@pytest.fixture
def here(cast) -> World:
    return world.build(cast)


def ask(here: World, name: str, method: str, query: str = "", body: object = None, who: str = "alice"):
    path = next(path for route, path, _there in ROUTES if route == name)
    client = Client(headers={"Authorization": f"Bearer {here.keys[who]}"}, raise_request_exception=False)
    raw = b"" if body is None else json.dumps(body).encode()
    address = path.format(**here.arguments(name)) + query
    return client.generic(method.upper(), address, raw, content_type="application/json")


def resource(name: str) -> type[Resource]:
    return next(there for route, _path, there in ROUTES if route == name)


def test_every_route_is_a_resource():
    bases = {name: there.__mro__ for name, _path, there in ROUTES}
    assert [name for name, known in bases.items() if Resource not in known] == []


ODD_PAGES = (
    "page_size=0", "page_size=-1", "page_size=101", "page_size=x", "page_size=9999999999999999999999",
    "page_size=", "page_size=1&page_size=2", "ordering=subject", "ordering=", "ordering=-password",
    "cursor=x", "cursor=%F0%9F%92%A3", "cursor=cD1hYmM%3D", "cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "cursor=bz0tMQ%3D%3D", "cursor=cD0xJnI9eA%3D%3D", "cursor=",
)  # fmt: skip
ODD_FILTERS = {
    "api:tickets": (
        "state=foo", "state=open&state=foo", "state=", "waits_on=foo", "queue=", "queue=a&queue=b",
        "is_spam=foo", "is_spam=", "updated_since=yesterday", "updated_since=99999-01-01T00:00:00Z",
        "state__in=open", "queue__slug=orders", "assignee__password__startswith=m",
    ),
    "api:customers": ("email__startswith=d", "notes=x"),
    "metrics_api:metric": (
        "days=0", "days=99999999999", "from=yesterday", "window=8", "window=7&window=8", "channel=pigeon",
        "hour=24", "part=solved",
    ),
    "metrics_api:metric_tickets": ("page=0", "page=x", "page=99999999999999999999", "part=foo"),
}  # fmt: skip


def test_unknown_parameters_are_refused_with_the_known_ones(here):
    before, wrong = Event.objects.count(), []
    for name, method in METHODS:
        answer = ask(here, name, method, "?sate=solved")
        said = answer.json()
        known = list(resource(name).known_parameters())
        if (answer.status_code, said["code"], said.get("known")) != (400, "unknown_parameter", known):
            wrong.append((name, method, said))
    assert wrong == []
    assert Event.objects.count() == before


def test_unknown_fields_are_refused_with_the_known_ones(here):
    before, wrong = Event.objects.count(), []
    for name, method in METHODS:
        if method == "get":
            continue
        answer = ask(here, name, method, body={"no_such_field": 1})
        said, takes_body = answer.json(), method in resource(name).bodies
        expected = ("unknown_field", ["no_such_field"]) if takes_body else ("no_body", [])
        if (said["code"], list(said.get("fields", []))) != expected or bool(said.get("known")) != takes_body:
            wrong.append((name, method, answer.status_code, said))
    assert wrong == []
    assert Event.objects.count() == before


def test_odd_pages_and_orders_are_refused(here):
    asked = [(name, query) for name in LISTS for query in ODD_PAGES]
    assert [pair for pair in asked if ask(here, pair[0], "get", f"?{pair[1]}").status_code != 400] == []


def test_odd_filters_are_refused(here):
    asked = [(name, query) for name, queries in ODD_FILTERS.items() for query in queries]
    answers = [(pair, ask(here, pair[0], "get", f"?{pair[1]}", who="carol")) for pair in asked]
    assert [pair for pair, answer in answers if answer.status_code != 400] == []
    assert all(set(answer.json()) >= {"code", "detail"} for _pair, answer in answers)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "2026-11-18"])
def test_the_ends_of_time_are_no_fault_of_ours(here, moment):
    assert ask(here, "api:tickets", "get", f"?updated_since={moment}").status_code in (200, 400)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("assignee", "bob@demo.example", "PUT /api/v1/tickets/{number}/assignment/"),
        ("state", "solved", "PUT /api/v1/tickets/{number}/state/"),
        ("is_spam", True, "PUT /api/v1/tickets/{number}/spam/"),
        ("version", 3, "read-only"),
    ],
)
def test_a_read_only_field_says_where_it_is_changed(here, field, value, said):
    answer = ask(here, "api:ticket", "patch", body={"subject": "Lamp", field: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "read_only_field")
    assert said in answer.json()["fields"][field][0]
    here.ticket.refresh_from_db()
    assert here.ticket.subject == "Broken lamp"


def test_unknown_fields_of_inner_objects_are_refused(here):
    body = {
        "queue": "orders",
        "customer": {"email": "a@b.example", "phone": "1"},
        "subject": "s",
        "text": "t",
    }
    answer = ask(here, "api:tickets", "post", body=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["customer.phone"])
    assert "customer.email" in answer.json()["known"]


def test_an_order_turns_the_list_round(here):
    newest, oldest = (
        [row["number"] for row in ask(here, "api:tickets", "get", f"?ordering={order}").json()["results"]]
        for order in ("-number", "number")
    )
    assert newest == sorted(newest, reverse=True) == oldest[::-1]


def test_a_next_page_can_be_followed_in_each_order(here):
    for order in ("number", "-number"):
        first = ask(here, "api:tickets", "get", f"?ordering={order}&page_size=1").json()
        second = ask(here, "api:tickets", "get", "?" + first["next"].partition("?")[2]).json()
        assert second["results"][0]["number"] != first["results"][0]["number"]
