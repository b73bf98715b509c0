"""A throw-away PostgreSQL for the tests: one server a run, one migrated template, one database a worker.

Without DATABASE_URL the controller starts the embedded server in a temporary folder. The migrated template
is kept in pytest's cache under a digest of the migrations, so that a second run neither runs initdb nor
migrates.
With DATABASE_URL (a role that may create databases) that server is used instead; TANDEM_TEST_APP_URL then
names the application's role on it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql

from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.place import Place, find_place
from helpdesk.embedded.postgres import THROW_AWAY, Server
from helpdesk.embedded.roles import APPLICATION, OWNER, SUPERUSER
from helpdesk.runtime.command_line import migrations_fingerprint
from helpdesk.runtime.environment import REPOSITORY

TEMPLATE = "tandem_template"
SUITABLE = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
KEPT_TEMPLATES = 3
KEPT_SECONDS = 3600
CHOSEN, APPLICATION_URL = "TANDEM_TEST_TEMPLATE", "TANDEM_TEST_APP_URL"  # the controller tells the workers

_is_worker = "PYTEST_XDIST_WORKER" in os.environ
_place: Place | None = None
_server: Server | None = None


def _choose_server() -> None:
    """Say in the environment where the server will be, before Django's settings are read."""
    global _place
    os.environ["TANDEM_DEMO"] = "0"
    os.environ["TANDEM_CHANNELS"] = "tests.testchannel"  # one that is not among ours
    os.environ.setdefault("SECRET_KEY", "only for tests")
    if not os.environ.get("DATABASE_URL"):
        folder = Path(tempfile.mkdtemp(prefix="tandem-tests-"))
        folder.chmod(0o711)
        _place = find_place(folder)
        os.environ |= {
            "DATABASE_URL": _place.url(OWNER),
            APPLICATION_URL: _place.url(APPLICATION),
            "TANDEM_DATA": str(folder),
            CHOSEN: TEMPLATE,
        }
    else:
        os.environ.setdefault("TANDEM_DATA", tempfile.mkdtemp(prefix="tandem-tests-"))
        os.environ[CHOSEN] = f"{TEMPLATE}_{os.getpid()}"


if not _is_worker:
    _choose_server()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the controller; everywhere make test databases copies of the template."""
    global _server
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = os.environ[CHOSEN]
    if _is_worker or config.option.collectonly or config.option.help:
        return
    if _place is None:
        _migrate_template()
        return
    kept = _kept_cluster()
    _server = Server(_place, follow=True, options=THROW_AWAY)
    try:
        if kept.exists():
            _copy_cluster(kept, _place)
            _server.start()
        else:
            _server.start()
            _let_create_databases(_place)
            _migrate_template()
            _server.stop()
            _keep(_place, kept)
            _server.start()
    except EmbeddedError as error:
        _server.stop()
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove its folder."""
    if _is_worker:
        return
    if _place is None:
        if not (config.option.collectonly or config.option.help):
            _drop_template()
        return
    if _server is not None:
        _server.stop()
    shutil.rmtree(_place.data, ignore_errors=True)


@pytest.fixture
def app_role_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """Connect to this worker's test database as the application's role, outside of the test's transaction."""
    url = os.environ.get(APPLICATION_URL, "")
    if not url:
        skip_or_fail(f"DATABASE_URL is set: set {APPLICATION_URL} too, that server as the application's role")
    with psycopg.connect(url, dbname=connection.settings_dict["NAME"]) as opened:
        yield opened


def skip_or_fail(reason: str) -> None:
    """Skip the test with a sentence; where CI=true nothing may be skipped, so fail."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def prepare_installation(data: Path) -> None:
    """Give the data folder a database that is migrated already, when this run's template was kept."""
    kept, place = _kept_cluster(), find_place(data)
    if not kept.exists():
        return
    _copy_cluster(kept, place)
    server = Server(place)
    server.start()
    with psycopg.connect(place.url(SUPERUSER, "postgres"), autocommit=True) as opened:
        opened.execute("DROP DATABASE tandem")
        opened.execute(f"ALTER DATABASE {TEMPLATE} RENAME TO tandem")
    server.stop()
    (data / "run").mkdir(exist_ok=True)
    (data / "run" / "schema").write_text(migrations_fingerprint())


def at_database(name: str) -> str:
    """Return the address of another database on the tests' server, for a program of its own."""
    return _at(os.environ["DATABASE_URL"], name)


def _kept_cluster() -> Path:
    return REPOSITORY / ".pytest_cache" / "tandem-postgres" / migrations_fingerprint()[:16]


def _let_create_databases(place: Place) -> None:
    with psycopg.connect(place.url(SUPERUSER, "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))


def _migrate_template() -> None:
    owner, template = os.environ["DATABASE_URL"], os.environ[CHOSEN]
    with psycopg.connect(owner, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {template} {SUITABLE}")
    made = subprocess.run(
        [sys.executable, "manage.py", "prepare_database", "--verbosity=0"],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "DATABASE_URL": _at(os.environ.get(APPLICATION_URL) or owner, template),
            "DATABASE_OWNER_URL": _at(owner, template),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise EmbeddedError(f"The migrations fail:\n{made.stdout}\n{made.stderr}")


def _drop_template() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {os.environ[CHOSEN]}")


def _at(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _keep(place: Place, kept: Path) -> None:
    unfinished = kept.with_suffix(f".{os.getpid()}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(place.cluster, unfinished)
    try:
        unfinished.rename(kept)
    except OSError:  # another run was quicker
        shutil.rmtree(unfinished)
    os.utime(kept)
    _forget_old_templates(kept.parent)


def _forget_old_templates(folder: Path) -> None:
    """Keep the newest few, and what another run may just be copying."""
    by_age = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[KEPT_TEMPLATES:]:
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def _copy_cluster(kept: Path, place: Place) -> None:
    place.private_folder(place.base)
    os.utime(kept)
    shutil.copytree(kept, place.cluster)
    place.cluster.chmod(0o700)
    if place.account:
        for folder, _, files in os.walk(place.cluster):
            os.chown(folder, place.account.uid, place.account.gid)
            for name in files:
                os.chown(os.path.join(folder, name), place.account.uid, place.account.gid)


@pytest.fixture(scope="session", autouse=True)
def empty_again() -> Iterator[None]:
    """Empty the tables once more where a test's own server, still busy, stood in the way (a deadlock)."""
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def patiently(case: TransactionTestCase) -> None:
        for _ in range(2):
            with suppress(CommandError):
                empty(case)
                return
        empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", patiently)
        yield
