"""Backup and restore: the database and the stored files in one tar, readable with tools everybody has.

The dump is taken before the files are copied: files are stored before a row points at them, so the copy
may hold a file too many and never one too few.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from helpdesk.embedded.errors import EmbeddedError
from helpdesk.embedded.place import wheel_folder
from tickets.models import Inbound

FORMAT = 1
MANIFEST, DUMP, SECRET, FILES = "manifest.json", "database.dump", "secret_key", "files/"
FRESH_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


class BackupError(EmbeddedError):
    """Say in one sentence why a backup cannot be made or restored, and what to do."""


def write_backup(path: Path, *, now: datetime) -> dict[str, Any]:
    """Write everything into the new tar `path` (readable by its owner only) and return its manifest.

    Raises BackupError when the file exists or the database cannot be dumped.
    """
    if path.exists():
        raise BackupError(f"{path} exists already; choose another name.")
    unfinished = path.with_name(f"{path.name}.part")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tandem-backup-") as folder:
        dump = Path(folder) / DUMP
        _dump(dump)
        with _private(unfinished) as file, tarfile.open(fileobj=file, mode="w") as archive:
            manifest = _manifest(now)
            _add(archive, MANIFEST, json.dumps(manifest, indent=1).encode(), now)
            archive.add(dump, DUMP)
            if settings.EMBEDDED:
                archive.add(settings.DATA_DIR / "secret_key", SECRET)
            if manifest["files"]:
                archive.add(settings.MEDIA_ROOT, FILES)
    unfinished.replace(path)
    return manifest


def restore_backup(path: Path, *, replace: bool) -> dict[str, Any]:
    """Bring back what `path` holds, all of it or nothing, and return its manifest.

    Raises BackupError when the file is no backup of ours, when there is data that `replace` does not give up,
    when Tandem still runs, or when the backup's secrets need another SECRET_KEY.
    """
    with _opened(path) as archive, tempfile.TemporaryDirectory(prefix="tandem-restore-") as folder:
        manifest = _read_manifest(archive, path)
        _refuse_other_key(archive, manifest)
        _refuse_in_use()
        if not replace and _holds_data():
            raise BackupError("There is data already; `restore --replace` gives it up for the backup's.")
        for member in archive:
            if member.name.startswith(FILES) and member.isfile():
                _restore_file(archive, member)
        archive.extract(DUMP, folder, filter="data")
        _load(Path(folder) / DUMP)
        if settings.EMBEDDED and SECRET in archive.getnames():
            archive.extract(SECRET, settings.DATA_DIR, filter="data")
    call_command("prepare_database", verbosity=0)
    return manifest


def _manifest(now: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (server,) = cursor.fetchone()
    has_files = _stores_on_disk() and Path(settings.MEDIA_ROOT).exists()
    return {
        "format": FORMAT,
        "taken_at": now.isoformat(),
        "postgresql": server,
        "files": has_files,
        "key": _key_fingerprint(settings.SECRET_KEY),
    }


def _stores_on_disk() -> bool:
    return "s3" not in settings.STORAGES["default"]["BACKEND"].lower()


def _key_fingerprint(key: str) -> str:
    return hashlib.sha256(b"tandem backup\0" + key.encode()).hexdigest()[:16]


def _dump(path: Path) -> None:
    command = [_program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={path}"]
    done = subprocess.run(
        [*command, f"--dbname={_address()}"], env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"The database could not be dumped: {done.stderr.strip()}")


def _load(dump: Path) -> None:
    """Replace the schema by the dump's in one transaction: when anything fails, nothing has changed."""
    script = dump.with_suffix(".sql")
    made = subprocess.run(
        [
            _program("pg_restore"),
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            f"--file={script}",
            str(dump),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise BackupError(f"The dump cannot be read: {made.stderr.strip()}")
    connection.close()
    done = subprocess.run(
        [
            *(_program("psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
            *(f"--dbname={_address()}", f"--command={FRESH_SCHEMA}", f"--file={script}"),
        ],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"The database refused the backup and is as it was: {done.stderr.strip()}")


def _program(name: str) -> str:
    own = wheel_folder() / "pginstall" / "bin" / name
    path = str(own) if own.exists() else shutil.which(name)
    if path is None:
        raise BackupError(f"{name} is missing: install PostgreSQL's client programs, version 18 or newer.")
    return path


def _address() -> str:
    wanted = ("host", "port", "user", "dbname", "sslmode", "sslrootcert")
    parameters = connection.get_connection_params()
    return make_conninfo(**{name: parameters[name] for name in wanted if name in parameters})


def _environment() -> dict[str, str]:
    password = connection.get_connection_params().get("password")
    return {**os.environ, "PGPASSWORD": password} if password else dict(os.environ)


def _add(archive: tarfile.TarFile, name: str, data: bytes, now: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(data), 0o600, int(now.timestamp())
    archive.addfile(member, io.BytesIO(data))


@contextmanager
def _private(path: Path) -> Iterator[io.BufferedWriter]:
    """Open a new file that only its owner may read, and put it safely on the disk at the end."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path) as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except tarfile.TarError as error:
        raise BackupError(f"{path} is damaged or no tar file: {error}.") from error


def _read_manifest(archive: tarfile.TarFile, path: Path) -> dict[str, Any]:
    try:
        file = archive.extractfile(MANIFEST)
        manifest: dict[str, Any] = json.loads(file.read()) if file else {}
    except (KeyError, ValueError):
        manifest = {}
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{path} is not a backup this Tandem understands.")
    return manifest


def _refuse_other_key(archive: tarfile.TarFile, manifest: dict[str, Any]) -> None:
    brings_its_own = settings.EMBEDDED and SECRET in archive.getnames()
    if not brings_its_own and manifest["key"] != _key_fingerprint(settings.SECRET_KEY):
        raise BackupError(
            "This backup was made with another SECRET_KEY, without which its secrets cannot be read. "
            "Set SECRET_KEY to that one."
        )


def _refuse_in_use() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND usename IS NOT NULL"  # the server's own processes have none
        )
        (others,) = cursor.fetchone()
    if others:
        raise BackupError("Tandem still runs on this database. Stop it, then restore.")


def _holds_data() -> bool:
    with connection.cursor() as cursor:
        if "accounts_user" not in connection.introspection.table_names(cursor):
            return False
    return get_user_model()._default_manager.exists() or Inbound.objects.exists()


def _restore_file(archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    """Put one stored file back; its random key makes one that exists the same file."""
    member.name = member.name.removeprefix(FILES)
    if not (Path(settings.MEDIA_ROOT) / member.name).exists():
        archive.extract(member, settings.MEDIA_ROOT, filter="data")
