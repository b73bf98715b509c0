"""Two database roles: one owns and migrates the schema, the application's cannot change or delete events."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from helpdesk.databases.connections import database_settings
from helpdesk.embedded.errors import EmbeddedError

APPEND_ONLY = ("tickets.Event", "tickets.AuditSeal")
OLDEST_VERSION = 18


class UnsuitableServerError(EmbeddedError):
    """The database server would give wrong answers; the sentence says what to change."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Let this thread's `default` connection be the schema owner's, without a pool, for a while."""
    here = connections["default"]
    if settings.TESTING:
        yield  # tests already are the owner, of a database with another name
        return
    application = here.settings_dict
    owner = database_settings(settings.ENVIRONMENT, testing=True, as_owner=True)
    here.close()
    here.settings_dict = {**application, **owner}
    try:
        yield
    finally:
        here.close()
        here.settings_dict = application


def refuse_unsuitable_server() -> None:
    """Raise UnsuitableServerError unless the server is PostgreSQL 18 or newer with builtin C.UTF-8."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version'), "
            "datlocprovider, datlocale, pg_encoding_to_char(encoding), datname "
            "FROM pg_database WHERE datname = current_database()"
        )
        major, version, provider, locale, encoding, name = cursor.fetchone()
    if major < OLDEST_VERSION:
        raise UnsuitableServerError(
            f"Tandem needs PostgreSQL {OLDEST_VERSION} or newer, and this server is {version}. "
            "Upgrade the server, or unset DATABASE_URL to use the one that comes with Tandem."
        )
    if (provider, locale, encoding) != ("b", "C.UTF-8", "UTF8"):
        raise UnsuitableServerError(
            f"The database {name} does not use the builtin locale C.UTF-8, so accents would not match. "
            f"Create it with: CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';"
        )


def grant_to_application() -> None:
    """Let the application's role read and write every table, and only add to those that are history.

    Expects to run as the owner; does nothing when both roles are one.
    """
    application = database_settings(settings.ENVIRONMENT, testing=True, as_owner=False).get("USER")
    owner = connection.settings_dict["USER"]
    if not application or application == owner:
        return
    role = sql.Identifier(application)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}"),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}"),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}"),
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
        ),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}"),
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(role))
        for label in APPEND_ONLY:
            table = sql.Identifier(apps.get_model(label)._meta.db_table)
            cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(table, role))
