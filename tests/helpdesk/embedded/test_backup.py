"""Backup and restore: what was there comes back elsewhere, and nothing is given up by accident."""

import json
import tarfile
from pathlib import Path

import psycopg
import pytest

from helpdesk.databases import backup
from helpdesk.databases.backup import BackupError
from helpdesk.embedded.lease import lease_server
from tests.cast import NOON
from tests.helpdesk.embedded.program import run

MAKE = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from helpdesk.accounts.models import User
User.objects.create_user("dana@demo.example", "a-long-password", name="Émile")
default_storage.save("ab/cd/file", ContentFile(b"what was attached"))
"""


@pytest.fixture(scope="module")
def saved(installation: Path) -> Path:
    """Return a backup of an installation with one person and one file."""
    done = run(installation, "shell", "-c", MAKE)
    assert done.returncode == 0, done.stderr
    path = installation / "saved.tar"
    done = run(installation, "backup", str(path))
    assert done.returncode == 0, done.stderr
    return path


def people(data: Path) -> list[str]:
    with lease_server(data) as server, psycopg.connect(server.place.url("tandem_app")) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM accounts_user")]


def test_people_files_key_and_rights_come_back_in_an_empty_folder(saved: Path, data: Path):
    done = run(data, "restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert people(data) == ["Émile"]
    assert (data / "files" / "ab" / "cd" / "file").read_bytes() == b"what was attached"
    assert (data / "secret_key").read_text() == (saved.parent / "secret_key").read_text()
    with lease_server(data) as server, psycopg.connect(server.place.url("tandem_app")) as app:
        rights = app.execute("SELECT has_table_privilege('tickets_event', 'DELETE')").fetchone()
    assert rights == (False,)


def test_present_data_is_given_up_only_when_asked(saved: Path):
    refused = run(saved.parent, "restore", str(saved))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert run(saved.parent, "restore", str(saved), "--replace").returncode == 0
    assert people(saved.parent) == ["Émile"]


def test_restoring_under_a_running_tandem_is_refused(saved: Path):
    with lease_server(saved.parent) as server, psycopg.connect(server.place.url("tandem_app")):
        refused = run(saved.parent, "restore", str(saved), "--replace")
    assert refused.returncode == 1
    assert "Stop it, then restore" in refused.stderr


def test_a_damaged_dump_leaves_everything_as_it_was(saved: Path, tmp_path: Path):
    broken = tmp_path / "broken.tar"
    with tarfile.open(saved) as whole, tarfile.open(broken, "w") as archive:
        for member in whole:
            content = whole.extractfile(member)
            if member.name == "database.dump":
                member.size //= 2
            archive.addfile(member, content)
    refused = run(saved.parent, "restore", str(broken), "--replace")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert people(saved.parent) == ["Émile"]


def test_a_file_that_is_no_backup_is_refused_in_words(tmp_path: Path):
    other = tmp_path / "other.tar"
    other.write_bytes(b"not a tar")
    with pytest.raises(BackupError, match="no tar file"):
        backup.restore_backup(other, replace=True)


def test_a_backup_is_for_its_owners_eyes_and_says_what_it_is(saved: Path):
    assert saved.stat().st_mode & 0o777 == 0o600
    with tarfile.open(saved) as archive:
        file = archive.extractfile("manifest.json")
        assert file
        manifest = json.loads(file.read())
    assert manifest["format"] == 1
    assert manifest["files"] is True


def test_an_existing_file_is_not_overwritten(tmp_path: Path):
    (tmp_path / "precious.tar").touch()
    with pytest.raises(BackupError, match="exists already"):
        backup.write_backup(tmp_path / "precious.tar", now=NOON)
