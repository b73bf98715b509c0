"""`manage.py check --deploy` and unsuitable database servers: each says in words what to change."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections

from helpdesk.databases.roles import UnsuitableServerError, refuse_unsuitable_server
from helpdesk.runtime.environment import REPOSITORY


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING"],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("url", ["https://help.example.org", "http://127.0.0.1:8000"])
def test_check_deploy_is_clean(url: str):
    done = check_deploy(TANDEM_PUBLIC_URL=url, SECRET_KEY="x1Y2z3-" * 10)
    assert done.returncode == 0, done.stderr


def test_check_deploy_warns_of_a_public_site_without_tls():
    done = check_deploy(TANDEM_PUBLIC_URL="http://help.example.org", SECRET_KEY="x1Y2z3-" * 10)
    assert done.returncode == 1
    assert "security.W012" in done.stderr


@pytest.mark.parametrize(
    "where",
    [{}, {"DATABASE_URL": "", "TANDEM_PUBLIC_URL": "https://help.example.org"}],
    ids=["server", "public"],
)
def test_debug_is_refused_where_others_could_see_its_pages(where: dict[str, str], tmp_path: Path):
    # A command without DATABASE_URL holds the server of its data folder, and stops it after use.
    done = check_deploy(TANDEM_DEBUG="1", TANDEM_DATA=str(tmp_path), **where)
    assert done.returncode == 1
    assert "TANDEM_DEBUG shows code and settings" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_secret_key_is_asked_for_in_words():
    done = check_deploy(SECRET_KEY="")
    assert done.returncode == 1
    assert "Set SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def libc_database(django_db_setup: None, django_db_blocker):
    """Make a database with the locale PostgreSQL takes from a shell that speaks C, and point Django at it."""
    settings = connections["default"].settings_dict
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS unsuitable")
        server.execute("CREATE DATABASE unsuitable TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
        with django_db_blocker.unblock():
            connection.close()
            connections["default"].settings_dict = {**settings, "NAME": "unsuitable"}
            yield
            connection.close()
            connections["default"].settings_dict = settings
        server.execute("DROP DATABASE unsuitable")


@pytest.mark.usefixtures("libc_database")
def test_a_database_whose_accents_do_not_match_is_refused_in_words():
    with pytest.raises(UnsuitableServerError, match=r"unsuitable does not use.*CREATE DATABASE unsuitable"):
        refuse_unsuitable_server()


@pytest.mark.django_db
def test_the_embedded_database_is_suitable():
    refuse_unsuitable_server()
