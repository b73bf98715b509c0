"""Redis hung or gone never touches a customer's request: the row is safe, the bell is only late."""

import logging
from collections.abc import Iterator

import pytest
import redis
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from helpdesk.celery import app
from helpdesk.databases.cache import ForgivingRedisCache
from tests.plugins.servers import RedisServer, free_port
from tickets.models import Ticket
from tickets.platform import tasks_on_commit

TASK = "helpdesk.tasks.beat_heart"
FORM = {
    "email": "dana@petit.example",
    "name": "Dana Petit",
    "subject": "Broken lamp",
    "text": "My lamp arrived broken.",
    "token": "0123456789abcdef-redis",
}


@pytest.fixture
def broker(settings, redis_server: RedisServer) -> Iterator[RedisServer]:
    """Let the application ring its bells through a real Redis."""
    settings.BELLS_SILENT = False
    before = {name: app.conf[name] for name in ("broker_url", "broker_transport_options")}
    _use(
        broker_url=redis_server.url,
        broker_transport_options={"socket_timeout": 60, "socket_connect_timeout": 60},
    )
    yield redis_server
    redis_server.thaw()
    _use(**before)


def _use(**changes: object) -> None:
    app.conf.update(changes)
    app._after_fork()  # type: ignore[attr-defined]  # what Celery does to forget open connections


def wait_until_rung(server: RedisServer) -> None:
    """Wait for one task in the queue, as a worker would."""
    assert redis.Redis(port=server.port).blpop("intake", timeout=30) is not None


@pytest.mark.usefixtures("cast")
def test_a_customer_is_answered_while_redis_hangs_and_the_bell_rings_later(
    client: Client, broker: RedisServer, django_capture_on_commit_callbacks
):
    broker.freeze()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("portal:request"), FORM)
    # Answered with Redis still frozen: had the request waited for it, it would have lost its bell, or hung.
    assert answer.status_code == 302
    assert Ticket.objects.filter(subject="Broken lamp").exists()
    broker.thaw()
    wait_until_rung(broker)


@pytest.mark.usefixtures("cast")
def test_a_customer_is_answered_while_redis_is_gone(
    client: Client, broker: RedisServer, django_capture_on_commit_callbacks
):
    broker.kill()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("portal:request"), FORM)
    assert answer.status_code == 302
    assert Ticket.objects.filter(subject="Broken lamp").exists()


@pytest.mark.django_db(transaction=True)
def test_more_bells_than_can_wait_are_dropped_and_nothing_else(
    broker: RedisServer, caplog: pytest.LogCaptureFixture
):
    broker.freeze()
    with caplog.at_level(logging.WARNING, logger="tickets.platform.tasks_on_commit"), transaction.atomic():
        for _ in range(600):
            tasks_on_commit.enqueue(TASK, "intake")
    dropped = [record for record in caplog.records if record.message == "bell dropped"]
    assert 100 <= len(dropped) < 600  # 500 may wait, those of an earlier test among them
    broker.thaw()
    wait_until_rung(broker)


def test_a_cache_without_redis_forgets_and_does_not_fail():
    away = ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}/0", {"OPTIONS": {"socket_timeout": 0.2}})
    away.set("key", "value")
    assert away.get("key", "nothing") == "nothing"
    assert away.add("key", "value") is True
    assert away.delete("key") is False
    assert cache.get("key") is None
