"""`make dev`: debug on, and what is changed in code and templates is seen over HTTP."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpdesk.runtime.environment import REPOSITORY
from tests.helpdesk.embedded.program import READY, Program
from tests.helpdesk.embedded.test_postgres import wait_for
from tests.plugins.servers import free_port

PARTS = ("helpdesk", "metrics", "routing", "tickets", "locale")
FILES = ("manage.py", "requirements.txt")


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the code that a test may change."""
    folder = tmp_path_factory.mktemp("code")
    for name in PARTS:
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in FILES:
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def dev(installation: Path, code: Path) -> Iterator[Program]:
    """Give a `manage.py dev` on the copy, which serves when the test gets it."""
    # The copy is without the tests, and their channel.
    program = Program(installation, free_port(), "dev", folder=code, TANDEM_CHANNELS="").start()
    yield program
    if program.process and program.process.poll() is None:
        program.end()


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def restarted(dev: Program, act: Callable[[], None]) -> None:
    """Do something that changes the code, and wait until Tandem is ready once more."""
    before = dev.output.count(READY)
    act()
    wait_for(lambda: dev.output.count(READY) > before, "it has started again")


def test_a_changed_template_is_seen_at_the_next_request(dev: Program, code: Path):
    starts = dev.output.count(READY)
    change(code / "helpdesk/templates/shell/base.html", "<body", "<!-- changed a moment ago --><body")
    assert "changed a moment ago" in dev.get("/accounts/login/")[1]
    assert dev.output.count(READY) == starts


def test_changed_code_is_seen_after_a_new_start_by_itself(dev: Program, code: Path):
    restarted(dev, lambda: change(code / "helpdesk/runtime/health.py", '"ok\\n"', '"changed\\n"'))
    assert dev.get("/healthz") == (200, "changed\n")


def test_a_fault_in_the_code_ends_nothing_and_its_cure_is_taken(dev: Program, code: Path):
    path = code / "helpdesk/runtime/health.py"
    whole = path.read_text()
    path.write_text(f"{whole}\n(")
    wait_for(lambda: "Tandem has ended" in dev.output, "it says that the server has ended")
    assert "SyntaxError" in dev.output
    restarted(dev, lambda: path.write_text(whole))
    assert dev.get("/healthz")[0] == 200


def test_debug_is_on(dev: Program):
    status, page = dev.get("/no/such/address/")
    assert status == 404
    assert "DEBUG = True" in page


def test_style_sheets_come_from_the_code(dev: Program, code: Path):
    page = dev.get("/accounts/login/")[1]
    address = page.split('rel="stylesheet" href="', 1)[1].split('"', 1)[0]
    sheet = code / "helpdesk/static" / address.removeprefix("/static/")
    assert dev.get(address) == (200, sheet.read_text())
