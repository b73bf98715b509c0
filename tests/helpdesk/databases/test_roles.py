"""The application's database role: works on everything, changes no history."""

import psycopg
import pytest
from django.db import connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_event SET kind = 'x'",
        "DELETE FROM tickets_event",
        "TRUNCATE tickets_event",
        "UPDATE tickets_auditseal SET count = 0",
        "CREATE TABLE mine (id int)",
        "DROP TABLE tickets_event",
    ],
)
def test_the_applications_role_cannot_change_history_or_the_schema(
    app_role_connection: psycopg.Connection, statement: str
):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role_connection.execute(statement)


def test_the_applications_role_reads_events_and_writes_tickets(app_role_connection: psycopg.Connection):
    app_role_connection.execute("SELECT count(*) FROM tickets_event")
    app_role_connection.execute("UPDATE tickets_ticket SET subject = 'x' WHERE id = -1")
    rights = app_role_connection.execute("SELECT has_table_privilege('tickets_event', 'INSERT')").fetchone()
    assert rights == (True,)


@pytest.mark.django_db
def test_accents_match_whatever_the_shells_locale_was():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('É'), 'É' ILIKE 'é', upper('ç')")
        assert cursor.fetchone() == ("é", True, "Ç")
