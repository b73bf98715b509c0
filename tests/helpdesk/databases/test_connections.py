"""Pooled connections are looked at before they are used, and asked where there is doubt."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection as database

from helpdesk.databases.connections import check_connection


@pytest.fixture
def pooled(db: None) -> Iterator[psycopg.Connection]:
    parameters = {**database.get_connection_params(), "autocommit": True}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters) as connection:
        yield connection


def ended(connection: psycopg.Connection) -> None:
    """End a connection from the server's side, and wait for its farewell."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])


def test_a_connection_that_lives_may_be_used(pooled):
    check_connection(pooled)
    check_connection(pooled)
    assert pooled.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_the_server_has_ended_is_refused_even_if_it_was_used_a_moment_ago(pooled):
    check_connection(pooled)
    ended(pooled)
    with pytest.raises(psycopg.OperationalError):
        check_connection(pooled)
