"""Health while the database is away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client


@pytest.fixture
def no_database(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[None]:
    """Point Django at a socket nobody listens on."""
    connection = connections["default"]
    connection.close()
    settings = connection.settings_dict
    connection.settings_dict = {**settings, "OPTIONS": {**settings["OPTIONS"], "host": str(tmp_path)}}
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        connection.close()
    connection.settings_dict = settings


@pytest.mark.usefixtures("no_database")
def test_a_process_without_its_database_is_alive_and_not_ready(client: Client):
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz", headers={"x-forwarded-for": "203.0.113.7"})
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready"}


@pytest.mark.usefixtures("no_database")
def test_a_monitor_is_told_that_the_database_is_gone(client: Client, settings: Any):
    settings.METRICS_TOKEN = "m" * 32
    answer = client.get("/readyz", headers={"authorization": f"Bearer {'m' * 32}"})
    assert answer.json()["checks"]["database"] == {"ok": False, "detail": "gone"}
