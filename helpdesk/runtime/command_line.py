"""Give each command the database it needs: none, the application's role, or the role that owns the schema."""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, execute_from_command_line

from helpdesk.databases.connections import database_settings
from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.lease import lease_server, own_server
from helpdesk.runtime.environment import REPOSITORY, data_folder
from helpdesk.runtime.stopping import signals_end_the_process

WITHOUT_DATABASE = frozenset(
    [
        "deployment_files",
        "parse_email",
        "simulate",
        "collectstatic",
        "makemessages",
        "compilemessages",
        "help",
        "version",
        "--help",
        "-h",
        "--version",
        "diffsettings",
        "findstatic",
    ]
)
EX_TEMPFAIL = 75  # an MTA keeps the mail and tries again
OWNING = frozenset({"up", "stack", "dev"})
SERVING = OWNING | {"dev_server"}  # until a signal ends them
WITH_DEBUG = frozenset({"dev", "dev_server"})
AS_OWNER = frozenset(
    {"load_history", "migrate", "prepare_database", "flush", "sqlflush", "restore", "backup"}
)
SCRATCH = frozenset({"bench"})  # they fill a database of their own, which goes away with them
UNPREPARED = frozenset({"migrate", "prepare_database", "showmigrations", "makemigrations", "restore"})


def run_command(arguments: list[str]) -> int:
    """Run one management command and return its exit status.

    Without DATABASE_URL the embedded PostgreSQL is started for the command's life time unless it runs
    already, and its tables are made or brought up to date first.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    name = arguments[1] if len(arguments) > 1 else "help"
    if name in AS_OWNER:
        os.environ["TANDEM_AS_OWNER"] = "1"
    if name in WITH_DEBUG:
        os.environ["TANDEM_DEBUG"] = "1"
    if name in SERVING:
        heed_port(arguments[2:])
    try:
        with _surroundings(name, arguments):
            execute_from_command_line(arguments)
    except (EmbeddedError, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return EX_TEMPFAIL if name == "receive_email" else 1
    return 0


def heed_port(arguments: list[str]) -> None:
    """Let `--port` count as PORT does: the settings make links in mails from it unless told an address."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--port")
    options, _others = parser.parse_known_args(arguments)
    if options.port:
        os.environ["PORT"] = options.port


@contextmanager
def _surroundings(name: str, arguments: list[str]) -> Iterator[None]:
    """Give a command its signals and its embedded server, when it wants them."""
    needs_server = not (name in WITHOUT_DATABASE or {"--help", "-h"} & set(arguments))
    with ExitStack() as stack:
        if name in SERVING:
            stack.enter_context(signals_end_the_process())
        if needs_server and not os.environ.get("DATABASE_URL"):
            if name in SCRATCH:
                stack.enter_context(scratch_data())
            databases = settings.DATABASES  # read first: wrong settings must neither start nor stop a server
            stack.enter_context((own_server if name in OWNING else lease_server)(data_folder()))
            databases["default"] = database_settings(settings.ENVIRONMENT, testing=settings.TESTING)
            if name not in SERVING | UNPREPARED:
                prepare_if_needed()
        yield


@contextmanager
def scratch_data() -> Iterator[None]:
    """Give the command a data folder of its own, removed afterwards; TANDEM_BENCH_DATA keeps one."""
    kept = os.environ.get("TANDEM_BENCH_DATA")
    folder = Path(kept or tempfile.mkdtemp(prefix="tandem-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # the database's own user must be able to enter
    os.environ["TANDEM_DATA"] = str(folder)
    os.environ["TANDEM_AS_OWNER"] = "1"
    try:
        yield
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def prepare_if_needed() -> None:
    """Bring the embedded database's tables up to date when the migrations are not those it last saw."""
    seen, wanted = data_folder() / "run" / "schema", migrations_fingerprint()
    if seen.exists() and seen.read_text() == wanted:
        return
    django.setup()
    call_command("prepare_database", verbosity=0)
    seen.write_text(wanted)


def migrations_fingerprint() -> str:
    """Return a digest of every migration this checkout would apply."""
    digest = hashlib.sha256((REPOSITORY / "requirements.txt").read_bytes())
    for path in _migration_files():
        digest.update(path.relative_to(REPOSITORY).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _migration_files() -> list[Path]:
    packages = ("helpdesk", "metrics", "routing", "tickets")
    paths = sorted(path for name in packages for path in (REPOSITORY / name).rglob("migrations/*.py"))
    return [*paths, REPOSITORY / "helpdesk" / "databases" / "column_defaults.py"]  # runs after each migration
