"""PUT and DELETE /api/v1/tickets/7/assignment/: the same function and guards as the desk's."""

import pytest

from routing.dispatch import run
from tests.cast import NOON
from tests.routing.scene import assignee, mail, there
from tickets.actor import SYSTEM
from tickets.api import keys


@pytest.fixture
def api(cast, client):
    """Return a caller of a ticket's assignment, with a key of that person."""

    def call(method, ticket, who="alice", scopes=("read", "write"), **body):
        secret = keys.create_key(getattr(cast, who), "test", list(scopes), by=SYSTEM, now=NOON)[1]
        return getattr(client, method)(
            f"/api/v1/tickets/{ticket.pk}/assignment/", body, content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip

    return call


@pytest.fixture
def ticket(cast):
    for user in (cast.alice, cast.bob):
        there(user, status="offline")
    made = mail(cast)
    run.run_pass(NOON)
    return made


def test_put_gives_it_and_delete_gives_it_back(cast, api, ticket):
    answer = api("put", ticket, assignee="bob@demo.example")
    assert (answer.status_code, answer.json()["assignee"]) == (200, "bob@demo.example")
    assert api("delete", ticket).status_code == 204
    assert assignee(ticket) is None


def test_put_again_changes_nothing(cast, api, ticket):
    api("put", ticket, assignee="me")
    before = ticket.events.count()
    assert api("put", ticket, assignee="me").status_code == 200
    assert ticket.events.count() == before


def test_guards_answer_with_code_and_sentence(cast, api, ticket):
    answer = api("put", ticket, assignee="mallory@demo.example")
    assert (answer.status_code, answer.json()["code"]) in ((409, "not_member"), (400, "unknown_assignee"))
    assert assignee(ticket) is None


@pytest.mark.parametrize("address", ["mallory@demo.example", "nobody@demo.example"])
def test_who_works_in_no_queue_of_ones_own_is_nobody(cast, api, ticket, address):
    there(cast.mallory, status="offline")
    answer = api("put", ticket, assignee=address)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_assignee")


def test_an_administrator_is_told_why_somebody_cannot_have_it(cast, api, ticket):
    there(cast.mallory, status="offline")
    assert api("put", ticket, who="admin", assignee="mallory@demo.example").json()["code"] == "not_member"


def test_full_places_are_passed_over_by_supervisors_only(cast, api, ticket):
    there(cast.bob, status="offline", places=0)
    wish = {"assignee": "bob@demo.example", "insist": True}
    assert api("put", ticket, **wish).json()["code"] == "places_full"
    assert api("put", ticket, who="carol", **wish).status_code == 200


def test_a_colleagues_ticket_is_not_taken(cast, api, ticket):
    api("put", ticket, assignee="bob@demo.example")
    assert api("put", ticket, assignee="me").json()["code"] == "taken"


@pytest.mark.parametrize("method", ["put", "delete"])
def test_strangers_and_reading_keys_are_refused(cast, api, ticket, method):
    assert api(method, ticket, who="mallory", assignee="me").status_code == 404
    assert api(method, ticket, scopes=("read",), assignee="me").status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"assignee": ""}, {"assignee": "nobody@x.example"}, {"assignee": ["me"]}]
)
def test_bad_input_is_explained(api, ticket, body):
    assert api("put", ticket, **body).status_code in (400, 409)
