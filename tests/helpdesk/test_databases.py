"""A connection out of the pool works, without the server being asked each time."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from helpdesk.databases import check_connection


@pytest.fixture
def pool(db) -> Iterator[ConnectionPool]:
    parameters = {**connection.get_connection_params(), "autocommit": True}
    parameters.pop("cursor_factory", None)
    with ConnectionPool(kwargs=parameters, min_size=1, check=check_connection, timeout=10) as pool:
        yield pool


def borrowed(pool: ConnectionPool) -> int:
    """Take a connection out, use it and give it back; return the process that served it."""
    with pool.connection() as taken:
        taken.execute("SELECT 1")
        return taken.info.backend_pid


def test_a_living_connection_is_used_again(pool):
    assert borrowed(pool) == borrowed(pool)


def test_a_connection_that_the_server_ended_is_replaced(pool):
    first = borrowed(pool)
    with psycopg.connect(**connection.get_connection_params()) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [first]).fetchone() == (True,)
    assert borrowed(pool) != first
