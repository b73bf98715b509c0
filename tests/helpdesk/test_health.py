"""Health: strangers get a fixed answer, insiders every detail, and nothing waits for a hung broker."""

from datetime import timedelta

import pytest
from django.test import Client

from helpdesk.models import Heartbeat
from helpdesk.processes import QUEUES
from tests.plugins.servers import RedisServer
from tickets.clock import database_now

PROXIED = {"X-Forwarded-For": "203.0.113.7"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_alive():
    now = database_now()
    for name in ("sweep", "imap", *(f"worker-{queue}" for queue in QUEUES)):
        Heartbeat.record(name, now=now)


def inside(client: Client, path: str = "/readyz"):
    return client.get(path, headers={"host": "127.0.0.1:8000"})


def outside(client: Client, path: str = "/readyz", **headers: str):
    return client.get(path, headers={"host": "127.0.0.1:8000", **PROXIED, **headers})


def test_healthz_needs_no_database(client: Client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_stranger_learns_only_that_pages_are_served(client: Client):
    answer = outside(client)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}


def test_this_machine_learns_every_detail(client: Client, all_alive: None):
    checks = inside(client).json()["checks"]
    assert checks["database"]["ok"]
    assert checks["broker"]["detail"] == "in memory"
    assert checks["worker-intake"]["ok"]
    assert checks["received"] == {"ok": True, "detail": "none not yet read", "seconds": 0.0, "rows": 0}


def test_a_process_that_gives_no_sign_of_life_shows_as_degraded(client: Client, all_alive: None):
    Heartbeat.record("worker-delivery", now=database_now() - timedelta(minutes=5))
    answer = inside(client)
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["worker-delivery"]["ok"] is False


def test_staff_learn_the_details_from_anywhere(client: Client, cast):
    client.force_login(cast.alice)
    assert "checks" in outside(client).json()


def test_a_token_opens_the_details(client: Client, settings):
    settings.METRICS_TOKEN = "long-random-token"
    assert "checks" in outside(client, authorization="Bearer long-random-token").json()
    assert "checks" not in outside(client, authorization="Bearer guess").json()


def test_no_token_set_opens_nothing(client: Client, settings):
    settings.METRICS_TOKEN = ""
    assert "checks" not in outside(client, authorization="Bearer ").json()


def test_metrics_are_openmetrics_for_insiders_and_bare_for_strangers(client: Client, all_alive: None):
    answer = inside(client, "/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert 'tandem_ok{check="worker-intake"} 1.0' in answer.content.decode()
    assert answer.content.endswith(b"# EOF\n")
    assert "worker" not in outside(client, "/metrics").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, all_alive: None, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        inside(client)


def test_a_hung_broker_is_reported_and_not_waited_for(client: Client, settings, redis_server: RedisServer):
    settings.CELERY_BROKER_URL = redis_server.url
    assert inside(client).json()["checks"]["broker"]["ok"]
    redis_server.freeze()
    answer = inside(client)
    assert answer.status_code == 200
    assert answer.json()["checks"]["broker"]["ok"] is False


def test_writing_to_a_health_page_is_refused(client: Client):
    assert client.post("/readyz").status_code == 405
