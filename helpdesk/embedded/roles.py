"""Make the embedded server's roles and database: one role owns the schema, the application's may not."""

import psycopg
from psycopg import sql

from helpdesk.embedded.place import Place

SUPERUSER = "postgres"
OWNER = "tandem_owner"
APPLICATION = "tandem_app"
DATABASE = "tandem"


def create_roles(place: Place) -> None:
    """Create what is missing of the two roles and the database; does nothing the second time."""
    with psycopg.connect(place.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        for role in (OWNER, APPLICATION):
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            return
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
