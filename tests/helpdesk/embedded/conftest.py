"""A data folder of an installation's own, and `make run` as a program beside the tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.embedded.place import find_place
from helpdesk.embedded.postgres import Server
from tests.helpdesk.embedded.program import Program
from tests.plugins.database import prepare_installation
from tests.plugins.servers import free_port


@pytest.fixture
def data() -> Iterator[Path]:
    """Give an empty data folder that other users may pass through, as root needs it."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-data-"))
    folder.chmod(0o711)
    yield folder
    remove(folder)


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    """Give a data folder that this module's tests start and stop Tandem on, one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-installation-"))
    folder.chmod(0o711)
    prepare_installation(folder)
    yield folder
    remove(folder)


@pytest.fixture(scope="module")
def running(installation: Path) -> Iterator[Program]:
    """Give a `manage.py up` that serves while this module's tests only look at it."""
    program = Program(installation, free_port(), TANDEM_POOL="4").start()
    yield program
    program.kill()


@pytest.fixture
def tandem(installation: Path) -> Iterator[Program]:
    """Give `manage.py up` on the module's installation; the test starts it."""
    program = Program(installation, free_port())
    yield program
    program.kill()


def remove(folder: Path) -> None:
    """Stop a server that still runs in `folder`, and remove what it left here and elsewhere."""
    place = find_place(folder)
    if place.cluster.exists():
        Server(place).stop()
    for path in {folder, place.base, place.socket_folder}:
        shutil.rmtree(path, ignore_errors=True)
    assert not os.path.exists(folder)
