"""Health: strangers get a status, insiders every detail, and nothing waits for a hung broker."""

from datetime import timedelta

import pytest
from django.test import Client

from helpdesk.models import Heartbeat
from helpdesk.runtime.processes import QUEUES
from tests.plugins.servers import RedisServer
from tickets.clock import database_now

TOKEN = "monitor-" * 4

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_alive():
    now = database_now()
    for name in ("sweep", "imap", *(f"worker-{queue}" for queue in QUEUES)):
        Heartbeat.record(name, now=now)


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def inside(client: Client, path: str = "/readyz", authorization: str = f"Bearer {TOKEN}"):
    return client.get(path, headers={"authorization": authorization})


def test_healthz_needs_no_database(client: Client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_a_stranger_learns_only_that_pages_are_served(client: Client, all_alive: None, path: str):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]"])
def test_behind_a_plain_proxy_on_this_machine_a_stranger_learns_no_more(client: Client, host: str):
    """`proxy_pass http://127.0.0.1:8000;` and nothing else: everybody comes from here, by a local name."""
    for path in ("/readyz", "/metrics"):
        answer = client.get(path, headers={"host": host}, REMOTE_ADDR="127.0.0.1")
        assert answer.json() == {"status": "ready"}


def test_a_strangers_question_costs_one_query(client: Client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/readyz")


def test_a_monitor_learns_every_detail(client: Client, all_alive: None):
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


def test_an_administrator_learns_the_details_and_an_agent_or_a_supervisor_does_not(client: Client, cast):
    for person, learns in ((cast.alice, False), (cast.carol, False), (cast.admin, True)):
        client.force_login(person)
        assert ("checks" in client.get("/readyz").json()) is learns
        assert (b"tandem_ok" in client.get("/metrics").content) is learns


@pytest.mark.parametrize(
    "given", ["Bearer guess", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "é"]
)
def test_a_wrong_token_is_refused(client: Client, given: str):
    for path in ("/readyz", "/metrics"):
        answer = inside(client, path, given)
        assert (answer.status_code, answer.content) == (401, b"")


def test_no_token_set_opens_nothing(client: Client, settings):
    settings.METRICS_TOKEN = ""
    assert inside(client, authorization="Bearer ").status_code == 401


def test_metrics_are_openmetrics(client: Client, all_alive: None):
    answer = inside(client, "/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert 'tandem_ok{check="worker-intake"} 1.0' in answer.content.decode()
    assert answer.content.endswith(b"# EOF\n")


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, all_alive: None, django_assert_max_num_queries
):
    with django_assert_max_num_queries(9):
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
