"""/api/v1/metrics/: the numbers of the pages, for other programs."""

import pytest

from metrics.asking.question import parse_question
from metrics.catalogue import answers, registry
from metrics.facts import derive
from tests import make
from tests.metrics.story import DAY, HOUR, solved
from tickets.api import keys
from tickets.clock import database_now


@pytest.fixture
def api(cast, client):
    """Return a caller of the API with a key of that person."""

    def call(path, *, person="carol", **params):
        by = cast.acting("admin")
        secret = keys.create_key(getattr(cast, person), "test", ["read"], by=by, now=database_now())[1]
        return client.get(f"/api/v1/metrics/{path}", params, headers={"Authorization": f"Bearer {secret}"})

    return call


@pytest.fixture
def happened(cast):
    at = database_now() - 12 * DAY
    for n in range(3):
        solved(cast, make.customer(f"C{n}", f"c{n}@x.example"), at=at + n * HOUR)
    make.ticket(cast.web, cast.emile, now=at + 11 * DAY)
    derive.refresh_facts(now=database_now())
    return cast


def test_without_a_key_there_is_no_number(client, cast):
    assert client.get("/api/v1/metrics/fcr/").status_code == 401


def test_the_metrics_explain_themselves(api, cast):
    listed = api("").json()
    assert [m["slug"] for m in listed] == list(registry.load_metrics())
    assert all(len(m["formula"]) > 60 and m["parts"] for m in listed)


def test_an_answer_is_the_pages_answer(api, happened):
    for metric in registry.load_metrics().values():
        given = api(f"{metric.slug}/").json()
        question = parse_question({}, by=happened.acting("carol"), now=database_now())
        figure = answers.compute_figure(metric, question)
        assert given["figure"]["parts"] == dict(figure.parts), metric.slug
        assert given["figure"]["n"] == figure.n
        assert sum(part["count"] for part in given["metric"]["parts"]) == figure.total
        assert sum(sum(q["figure"]["parts"].values()) for q in given["queues"]) == figure.total


def test_its_tickets_are_as_many_as_it_says(api, happened):
    figure = api("fcr/").json()["figure"]
    for part, count in figure["parts"].items():
        listed = api("fcr/tickets/", part=part).json()
        assert listed["count"] == len(listed["tickets"]) == count


def test_too_few_have_no_percentage(api, happened):
    figure = api("fcr/").json()["figure"]
    assert (figure["numerator"], figure["n"], figure["value"]) == (3, 3, None)


def test_a_key_sees_what_its_owner_sees(api, happened):
    assert api("backlog/", person="mallory").json()["figure"]["n"] == 0
    assert api("backlog/", person="mallory", queue="orders").status_code == 403
    assert api("fcr/", person="carol").status_code == 200


def test_what_cannot_be_understood_is_said(api, cast):
    refused = api("fcr/", window="8")
    assert refused.status_code == 400
    assert "1, 3, 7, 14, 30" in refused.json()["detail"]
    assert api("nonsense/").status_code == 404
